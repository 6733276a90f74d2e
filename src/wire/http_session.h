// One HTTP/1.1 connection. Requests are read, handled and answered one after the other; what a client
// pipelines waits in the socket or in the read buffer. Lives on one loop; kept alive by its pending socket
// operation and by the exchange being answered.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <deque>
#include <memory>
#include <optional>

#include "wire/body_room.h"
#include "wire/exchange.h"
#include "wire/route.h"
#include "wire/session.h"
#include "wire/site.h"

namespace lode::wire {

class HttpSession final : public Session, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(std::shared_ptr<Site> site, std::shared_ptr<Loop> loop, SessionSet& sessions,
              boost::asio::ip::tcp::socket socket);
  ~HttpSession() override;

  void start();
  void check_deadline(int64_t steady_micros) override;
  void finish() override;
  void close() override;

  const std::shared_ptr<Loop>& loop() const { return loop_; }
  void answer(const Route* route, Response response, bool head_only);
  void open_stream(const Route* route, Response head);
  // False: closed, or more than the bound waited to be sent already (then it is closed). One write may be
  // larger than the bound.
  bool write_stream(std::string bytes);
  bool take_room(uint64_t bytes) { return room_.take(bytes); }
  bool streaming() const { return phase_ == Phase::streaming && !stream_ends_; }
  size_t stream_waiting() const { return stream_waiting_; }
  void finish_stream();

 private:
  enum class Phase { idle, head, body, handling, writing, streaming, lingering, closed };
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void enter(Phase phase);
  void read_more();
  void parse_head();
  void head_done();
  // Nothing: go on with the body.
  std::optional<Response> check_head();
  void begin_body();
  void parse_chunks();
  void read_rest();
  void body_done();
  // False: refused, the server holds too many bodies already.
  bool reserve_body(size_t bytes);
  // Sees that the reader of a stream has gone.
  void watch_reader();
  // Answers without having read the whole request; the connection ends.
  void refuse(Response response);
  void head_failed(boost::system::error_code error);
  void write_out();
  void written();
  void send_stream();
  void linger();

  const std::shared_ptr<Site> site_;
  const std::shared_ptr<Loop> loop_;
  SessionSet& sessions_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer in_;
  std::optional<Parser> parser_;
  Request request_;
  Match match_;
  uint64_t body_length_ = 0;
  BodyRoom room_;  // of the request being read or handled
  std::string head_out_, body_out_;
  std::deque<std::string> stream_out_;
  size_t stream_waiting_ = 0;
  bool stream_ends_ = false;
  bool keep_alive_ = true;
  bool registered_ = false;
  Phase phase_ = Phase::idle;
  int64_t deadline_ = 0;
  int64_t request_started_ = 0;
  uint64_t lingered_ = 0;
};

}  // namespace lode::wire
