// One HTTP/1.1 connection. Requests are read, handled and answered one after the other. Lives on one loop;
// kept alive by its pending socket operation and by the exchange being answered.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "wire/exchange.h"
#include "wire/request_reader.h"
#include "wire/route.h"
#include "wire/session.h"
#include "wire/site.h"
#include "wire/stream_queue.h"

namespace lode::wire {

class HttpSession final : public Session, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(std::shared_ptr<Site> site, std::shared_ptr<Loop> loop, SessionSet& sessions,
              boost::asio::ip::tcp::socket socket);
  ~HttpSession() override;

  void start();
  void check_deadline(int64_t steady_micros) override;
  void finish() override;
  void cut() override;
  void close() override;

  const std::shared_ptr<Loop>& loop() const { return loop_; }

  // From the reader: a request has begun; is whole; needs no more than its head to be answered; is refused
  // without having been read to its end, so that the connection ends.
  void begun() { enter(Phase::receiving); }
  void read(Request request);
  void answer_head(Response response);
  void refuse(Response response);

  // From the exchange.
  void answer(const Route* route, Response response, bool head_only);
  bool take_room(uint64_t bytes) { return reader_.room().take(bytes); }
  std::shared_ptr<const std::atomic<bool>> watch_client();
  void open_stream(const Route* route, Response head);
  // False: closed, or more than the bound waited to be sent already (then it is closed). One write may be
  // larger than the bound.
  bool write_stream(std::string bytes, std::shared_ptr<Room::Share> room);
  bool streaming() const { return phase_ == Phase::streaming && !stream_ends_; }
  size_t stream_waiting() const { return stream_out_.waiting_bytes(); }
  void finish_stream();

 private:
  enum class Phase { idle, receiving, handling, writing, streaming, lingering, closed };

  void enter(Phase phase);
  void next_request();
  void stop_reading();
  // Sees to it that a large answer has room; or it becomes a small one that says there is none.
  void hold(const Route& route, Response& response);
  void write_out();
  void written();
  void send_stream();
  void linger();

  const std::shared_ptr<Site> site_;
  const std::shared_ptr<Loop> loop_;
  SessionSet& sessions_;
  boost::asio::ip::tcp::socket socket_;
  RequestReader reader_;
  std::string head_out_, body_out_;
  std::shared_ptr<Room::Share> body_room_;  // of `body_out_`, when it is large
  StreamQueue stream_out_;
  bool stream_ends_ = false;
  bool keep_alive_ = true;
  bool registered_ = false;
  Phase phase_ = Phase::idle;
  int64_t deadline_ = 0;
  int64_t request_started_ = 0;
};

}  // namespace lode::wire
