// An exchange of an HTTP session, and answers that need no route.
#pragma once

#include <memory>
#include <string>

#include "event/event.h"
#include "wire/exchange.h"
#include "wire/route.h"

namespace lode::wire {

class HttpSession;

class HttpExchange final : public Exchange, public std::enable_shared_from_this<HttpExchange> {
 public:
  HttpExchange(std::shared_ptr<HttpSession> session, const Route& route, Request request);
  ~HttpExchange() override;  // any thread; answers 500 when nobody did

  Request& request() override { return request_; }
  const std::shared_ptr<Loop>& loop() override { return loop_; }
  bool take_room(uint64_t bytes) override;
  std::shared_ptr<const std::atomic<bool>> watch_client() override;
  void respond(Response response) override;
  std::shared_ptr<Stream> respond_stream(Response head) override;

 private:
  std::shared_ptr<HttpSession> session_;
  const std::shared_ptr<Loop> loop_;
  const Route& route_;
  Request request_;
  bool answered_ = false;
};

Response options_response(std::string allowed);
Response no_route_response(Method method, const std::string& allowed);
Response too_large_response(const event::Limits& limits);
// The Date header, formatted once a second and thread.
const std::string& http_date(int64_t now_micros);

}  // namespace lode::wire
