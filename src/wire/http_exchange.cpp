#include "wire/http_exchange.h"

#include "wire/http_session.h"
#include "wire/problem.h"

namespace lode::wire {
namespace {

class HttpStream final : public Stream {
 public:
  explicit HttpStream(std::shared_ptr<HttpSession> session) : session_(std::move(session)) {}
  ~HttpStream() override {
    session_->loop()->post([session = session_] { session->close(); });
  }
  bool write(std::string bytes, std::shared_ptr<Room::Share> room) override {
    return session_->write_stream(std::move(bytes), std::move(room));
  }
  bool open() const override { return session_->streaming(); }
  size_t waiting_bytes() const override { return session_->stream_waiting(); }
  void finish() override { session_->finish_stream(); }

 private:
  std::shared_ptr<HttpSession> session_;
};

}  // namespace

HttpExchange::HttpExchange(std::shared_ptr<HttpSession> session, const Route& route, Request request)
    : session_(std::move(session)), loop_(session_->loop()), route_(route), request_(std::move(request)) {}

HttpExchange::~HttpExchange() {
  if (answered_) return;
  loop_->post([session = std::move(session_), route = &route_] {
    session->answer(route, problem_response(500, "internal", "The server could not answer: look at its log."),
                    false);
  });
}

bool HttpExchange::take_room(uint64_t bytes) { return session_->take_room(bytes); }

std::shared_ptr<const std::atomic<bool>> HttpExchange::watch_client() { return session_->watch_client(); }

void HttpExchange::respond(Response response) {
  if (answered_) return;
  answered_ = true;
  session_->answer(&route_, std::move(response), request_.method == Method::head);
}

std::shared_ptr<Stream> HttpExchange::respond_stream(Response head) {
  answered_ = true;
  session_->open_stream(&route_, std::move(head));
  return std::make_shared<HttpStream>(session_);
}

Response options_response(std::string allowed) {
  Response response;
  response.status = 204;
  response.content_type.clear();
  response.headers.emplace_back("Allow", std::move(allowed));
  return response;
}

Response no_route_response(Method method, const std::string& allowed) {
  if (allowed.empty()) {
    return problem_response(404, "unknown_path",
                            "There is nothing at this path: /openapi.json lists what there is.");
  }
  if (method == Method::options) return options_response(allowed);
  Response response =
      problem_response(405, "method_not_allowed", "Use one of the methods in the Allow header.");
  response.headers.emplace_back("Allow", allowed);
  return response;
}

Response too_large_response(const event::Limits& limits) {
  return problem_response(
      413, "body_too_large",
      "Send at most " + std::to_string(limits.body_bytes) + " bytes a request: split the batch.");
}

const std::string& http_date(int64_t now_micros) {
  thread_local int64_t formatted_for = -1;
  thread_local std::string text;
  int64_t seconds = now_micros / 1'000'000;
  if (seconds != formatted_for) {
    text = format_http_date(seconds);
    formatted_for = seconds;
  }
  return text;
}

}  // namespace lode::wire
