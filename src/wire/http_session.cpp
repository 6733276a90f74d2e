#include "wire/http_session.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "wire/http_exchange.h"
#include "wire/input_drain.h"
#include "wire/problem.h"
#include "wire/read.h"
#include "wire/read_only.h"

namespace lode::wire {

namespace asio = boost::asio;
using boost::system::error_code;
using Protocol = SessionMetrics::Protocol;

namespace {

constexpr size_t kStreamBytes = 4u << 20;    // a stream's reader may be behind by so much
constexpr uint64_t kLingerBytes = 1u << 20;  // read and dropped before a connection with unread input closes
constexpr int64_t kLingerMicros = 2'000'000;

int64_t micros(uint32_t seconds) { return static_cast<int64_t>(seconds) * 1'000'000; }

}  // namespace

HttpSession::HttpSession(std::shared_ptr<Site> site, std::shared_ptr<Loop> loop, SessionSet& sessions,
                         asio::ip::tcp::socket socket)
    : site_(std::move(site)),
      loop_(std::move(loop)),
      sessions_(sessions),
      socket_(std::move(socket)),
      reader_(*this, *site_, socket_) {
  site_->metrics.opened(Protocol::http);
}

HttpSession::~HttpSession() {
  if (registered_) sessions_.erase(this);
  --site_->connections;
  site_->metrics.closed(Protocol::http);
}

void HttpSession::start() {
  sessions_.insert(this);
  registered_ = true;
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  next_request();
}

void HttpSession::enter(Phase phase) {
  phase_ = phase;
  int64_t now = site_->services.clock.steady_micros();
  switch (phase) {
    case Phase::idle:
      deadline_ = now + micros(site_->live.idle_seconds);
      break;
    case Phase::receiving:  // one deadline for head and body
    case Phase::writing:
      deadline_ = now + micros(site_->live.request_seconds);
      break;
    case Phase::lingering:
      deadline_ = now + kLingerMicros;
      break;
    case Phase::handling:
      request_started_ = now;
      [[fallthrough]];
    default:
      deadline_ = INT64_MAX;
  }
}

void HttpSession::check_deadline(int64_t steady_micros) {
  if (steady_micros < deadline_) return;
  if (phase_ != Phase::receiving) return close();
  auto self = shared_from_this();  // the pending read ends with an error
  stop_reading();
  refuse(problem_response(408, "request_timeout", "Send the whole request within the server's time limit."));
}

void HttpSession::finish() {
  keep_alive_ = false;
  if (phase_ == Phase::idle || phase_ == Phase::streaming || phase_ == Phase::lingering) close();
}

void HttpSession::cut() {
  keep_alive_ = false;
  if (phase_ == Phase::receiving) {
    auto self = shared_from_this();  // the pending read ends with an error
    stop_reading();
    return refuse(problem_response(
        503, {"stopping", "", "The server is stopping, and took nothing of this: send it again."}, 1));
  }
  if (phase_ == Phase::handling) {
    const Route* route = reader_.match().route;
    const bool write = route && route->method == Method::post;
    event::Problem problem{"stopping", "", "The server is stopping: ask again."};
    if (write) problem = {"outcome_unknown", "", "The server is stopping: send the same again."};
    Response response = problem_response(503, problem, 1);
    response.close = true;
    return answer(route, std::move(response), false);
  }
  if (phase_ != Phase::writing) close();
}

void HttpSession::stop_reading() {
  reader_.stop();
  error_code ignored;
  socket_.cancel(ignored);
}

void HttpSession::close() {
  if (registered_) sessions_.erase(this);
  registered_ = false;
  phase_ = Phase::closed;
  reader_.stop();
  error_code ignored;
  socket_.close(ignored);
}

void HttpSession::next_request() {
  enter(Phase::idle);
  reader_.next();
}

void HttpSession::read(Request request) {
  keep_alive_ = reader_.keep_alive() && !site_->stopping;
  enter(Phase::handling);
  const Route& route = *reader_.match().route;
  auto exchange = std::make_shared<HttpExchange>(shared_from_this(), route, std::move(request));
  if (auto refused = refuse_read_only(*site_, route)) return exchange->respond(std::move(*refused));
  route.handle(site_, std::move(exchange));
}

void HttpSession::answer_head(Response response) {
  keep_alive_ = reader_.keep_alive() && !site_->stopping;
  enter(Phase::handling);
  answer(reader_.match().route, std::move(response), reader_.request().method == Method::head);
}

void HttpSession::refuse(Response response) {
  enter(Phase::handling);
  response.close = true;
  answer(reader_.match().route, std::move(response), reader_.request().method == Method::head);
}

void HttpSession::hold(const Route& route, Response& response) {
  if (response.body.size() <= kSmallAnswer || response.room) return;
  bool write = route.method == Method::post;  // its answer takes the place of its body
  auto room = std::make_shared<Room::Share>(write ? reader_.room().hand_over() : Room::Share(site_->answers));
  if (room->resize(response.body.size())) {
    response.room = std::move(room);
  } else if (write) {
    response = problem_response(
        503, {"outcome_unknown", "", "There is no room for so long an answer now: send the same again."}, 1);
  } else {
    response = too_many_answers_response();
  }
}

void HttpSession::answer(const Route* route, Response response, bool head_only) {
  if (phase_ != Phase::handling) return;
  if (route && !head_only) hold(*route, response);
  reader_.room().give_back();
  if (response.close || site_->stopping) keep_alive_ = false;
  if (route && route->is_read) say_position(*site_, response);
  int64_t now = site_->services.clock.steady_micros();
  site_->metrics.request(Protocol::http, route ? route->name : "unmatched", response.status,
                         static_cast<double>(now - request_started_) / 1e6);
  head_out_ = render_head(response, http_date(site_->services.clock.now_micros()),
                          static_cast<int64_t>(response.body.size()), keep_alive_);
  if (!head_only) {
    body_out_ = std::move(response.body);
    body_room_ = std::move(response.room);
  }
  enter(Phase::writing);
  write_out();
}

std::shared_ptr<const std::atomic<bool>> HttpSession::watch_client() {
  auto gone = std::make_shared<std::atomic<bool>>(false);
  socket_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this(), gone](error_code error) {
    error_code ignored;
    // Bytes that are there are of a next request: who sent them is still there.
    if (error || self->socket_.available(ignored) == 0) *gone = true;
  });
  return gone;
}

void HttpSession::write_out() {
  std::array<asio::const_buffer, 2> buffers = {asio::buffer(head_out_), asio::buffer(body_out_)};
  asio::async_write(socket_, buffers, [self = shared_from_this()](error_code error, size_t bytes) {
    if (self->phase_ != Phase::writing) return;
    self->site_->metrics.sent(Protocol::http, bytes);
    if (error) return self->close();
    self->written();
  });
}

void HttpSession::written() {
  body_out_ = {};
  body_room_ = nullptr;
  if (!keep_alive_) return linger();
  next_request();
}

// Closing with unread input would reset the connection, and the answer could be lost with it.
void HttpSession::linger() {
  enter(Phase::lingering);
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  reader_.drop_input();
  drain_input(socket_, shared_from_this(), kLingerBytes, [this] {
    if (phase_ == Phase::lingering) close();
  });
}

void HttpSession::open_stream(const Route* route, Response head) {
  if (phase_ != Phase::handling) return;
  site_->metrics.request(Protocol::http, route->name, head.status, 0);
  if (route->is_read) say_position(*site_, head);
  keep_alive_ = false;
  enter(Phase::streaming);
  reader_.room().give_back();
  write_stream(render_head(head, http_date(site_->services.clock.now_micros()), -1, false), nullptr);
  reader_.drop_input();
  // Sees that the reader of the stream has gone.
  drain_input(socket_, shared_from_this(), UINT64_MAX, [this] {
    if (phase_ == Phase::streaming) close();
  });
}

bool HttpSession::write_stream(std::string bytes, std::shared_ptr<Room::Share> room) {
  if (!streaming()) return false;
  if (stream_out_.waiting_bytes() > kStreamBytes) {
    close();
    return false;
  }
  stream_out_.push(std::move(bytes), std::move(room));
  if (stream_out_.size() == 1) send_stream();
  return true;
}

void HttpSession::finish_stream() {
  stream_ends_ = true;
  if (phase_ == Phase::streaming && stream_out_.empty()) close();
}

void HttpSession::send_stream() {
  deadline_ = site_->services.clock.steady_micros() + micros(site_->live.request_seconds);
  asio::async_write(socket_, asio::buffer(stream_out_.front()),
                    [self = shared_from_this()](error_code error, size_t bytes) {
                      if (self->phase_ != Phase::streaming) return;
                      self->site_->metrics.sent(Protocol::http, bytes);
                      if (error) return self->close();
                      self->deadline_ = INT64_MAX;
                      self->stream_out_.pop();
                      if (!self->stream_out_.empty()) return self->send_stream();
                      if (self->stream_ends_) self->close();
                    });
}

}  // namespace lode::wire
