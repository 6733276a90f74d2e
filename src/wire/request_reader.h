// Reads the requests of an HTTP connection, one at a time: head, then body, within the server's limits. What
// a client pipelines waits in the socket or in the read buffer. Part of its session, which hears of a request
// that is whole, or of the refusal of one that never will be. Loop thread only.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <optional>

#include "wire/request_head.h"
#include "wire/room.h"
#include "wire/site.h"

namespace lode::wire {

class HttpSession;

class RequestReader {
 public:
  RequestReader(HttpSession& session, Site& site, boost::asio::ip::tcp::socket& socket)
      : session_(session), site_(site), socket_(socket), room_(site.bodies) {}

  // Waits for the next request; the session is told of it with begun(), read() or refuse().
  void next();
  // No more of this request is read: what comes of a pending read is ignored.
  void stop() { stage_ = Stage::off; }
  void drop_input() { in_.consume(in_.size()); }

  // Of the request being read, or handled until the next.
  Request& request() { return request_; }
  const Match& match() const { return match_; }
  bool keep_alive() const { return parser_ && parser_->keep_alive(); }
  Room::Share& room() { return room_; }

 private:
  enum class Stage { idle, head, body, off };

  void read_more();
  void parse_head();
  void head_done();
  void begin_body();
  void parse_chunks();
  void read_rest();
  // False: refused, the server holds too many bodies already.
  bool reserve_body(size_t bytes);
  void done();
  void refuse(Response response);

  HttpSession& session_;
  Site& site_;
  boost::asio::ip::tcp::socket& socket_;
  Stage stage_ = Stage::off;
  boost::beast::flat_buffer in_;
  std::optional<RequestParser> parser_;
  Request request_;
  Match match_;
  uint64_t body_length_ = 0;
  Room::Share room_;
};

}  // namespace lode::wire
