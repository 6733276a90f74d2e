#include "wire/http_session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "wire/http_exchange.h"
#include "wire/problem.h"
#include "wire/read.h"
#include "wire/target.h"

namespace lode::wire {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Protocol = SessionMetrics::Protocol;

namespace {

constexpr size_t kReadBytes = 16 * 1024;
constexpr size_t kBodyStep = 256 * 1024;     // what is reserved ahead of the bytes that came
constexpr size_t kStreamBytes = 4u << 20;    // a stream's reader may be behind by so much
constexpr uint64_t kLingerBytes = 1u << 20;  // read and dropped before a connection with unread input closes
constexpr int64_t kLingerMicros = 2'000'000;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::head:
      return Method::head;
    case http::verb::post:
      return Method::post;
    case http::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

}  // namespace

HttpSession::HttpSession(std::shared_ptr<Site> site, std::shared_ptr<Loop> loop, SessionSet& sessions,
                         asio::ip::tcp::socket socket)
    : site_(std::move(site)),
      loop_(std::move(loop)),
      sessions_(sessions),
      socket_(std::move(socket)),
      room_(site_) {
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
  enter(Phase::idle);
  parse_head();
}

void HttpSession::enter(Phase phase) {
  phase_ = phase;
  int64_t now = site_->services.clock.steady_micros();
  auto seconds = [](uint32_t count) { return static_cast<int64_t>(count) * 1'000'000; };
  switch (phase) {
    case Phase::idle:
      deadline_ = now + seconds(site_->settings.idle_seconds);
      break;
    case Phase::head:
    case Phase::writing:
      deadline_ = now + seconds(site_->settings.request_seconds);
      break;
    case Phase::lingering:
      deadline_ = now + kLingerMicros;
      break;
    case Phase::body:
      break;  // one deadline for head and body
    case Phase::handling:
      request_started_ = now;
      [[fallthrough]];
    default:
      deadline_ = INT64_MAX;
  }
}

void HttpSession::check_deadline(int64_t steady_micros) {
  if (steady_micros < deadline_) return;
  if (phase_ == Phase::head || phase_ == Phase::body) {
    auto self = shared_from_this();  // the pending read ends with an error
    error_code ignored;
    socket_.cancel(ignored);
    refuse(
        problem_response(408, "request_timeout", "Send the whole request within the server's time limit."));
    return;
  }
  close();
}

void HttpSession::finish() {
  keep_alive_ = false;
  if (phase_ == Phase::idle || phase_ == Phase::streaming || phase_ == Phase::lingering) close();
}

void HttpSession::close() {
  if (registered_) sessions_.erase(this);
  registered_ = false;
  phase_ = Phase::closed;
  error_code ignored;
  socket_.close(ignored);
}

void HttpSession::read_more() {
  socket_.async_read_some(
      in_.prepare(kReadBytes), [self = shared_from_this()](error_code error, size_t bytes) {
        if (self->phase_ != Phase::idle && self->phase_ != Phase::head && self->phase_ != Phase::body) return;
        if (error) return self->close();
        self->site_->metrics.received(Protocol::http, bytes);
        self->in_.commit(bytes);
        if (self->phase_ == Phase::body) {
          self->parse_chunks();
        } else {
          self->parse_head();
        }
      });
}

void HttpSession::parse_head() {
  if (in_.size() == 0) {
    in_.consume(in_.size());
    return read_more();
  }
  if (phase_ == Phase::idle) {
    enter(Phase::head);
    match_ = {};  // a request that ends early is not the one before
    request_ = {};
    parser_.emplace();
    parser_->header_limit(site_->settings.header_bytes);
    parser_->body_limit(boost::none);
  }
  error_code error;
  in_.consume(parser_->put(in_.data(), error));
  if (error == http::error::need_more) return read_more();
  if (error) return head_failed(error);
  head_done();
}

void HttpSession::head_failed(error_code error) {
  if (error == http::error::header_limit) {
    if (parser_->get().target().empty()) {
      return refuse(problem_response(414, "uri_too_long", "Shorten the request target."));
    }
    return refuse(problem_response(431, "headers_too_large", "Send fewer or shorter header fields."));
  }
  if (error == http::error::bad_version) {
    return refuse(problem_response(505, "http_version", "Speak HTTP/1.1."));
  }
  refuse(problem_response(400, "invalid_request", "This is not a well-formed HTTP/1.1 request."));
}

void HttpSession::head_done() {
  keep_alive_ = parser_->keep_alive() && !site_->stopping;
  request_.body = std::make_shared<std::string>();
  auto refusal = check_head();
  if (!refusal) return begin_body();
  bool has_body = parser_->chunked() || parser_->content_length().value_or(0) > 0;
  if (has_body) return refuse(std::move(*refusal));
  enter(Phase::handling);
  answer(match_.route, std::move(*refusal), request_.method == Method::head);
}

std::optional<Response> HttpSession::check_head() {
  const auto& message = parser_->get();
  request_.method = method_of(message.method());
  auto target = parse_target({message.target().data(), message.target().size()});
  bool asterisk = request_.method == Method::options && message.target() == "*";
  if (!target && !asterisk) {
    return problem_response(400, "invalid_target",
                            "The request target must be a percent-encoded path in UTF-8.");
  }
  if (message.version() >= 11 && message.count(http::field::host) != 1) {
    return problem_response(400, "invalid_request", "Send exactly one Host header field.");
  }
  if (message.count(http::field::transfer_encoding) > 0 && !parser_->chunked()) {
    return problem_response(501, "transfer_encoding", "Only the transfer encoding chunked is known.");
  }
  if (message.count(http::field::expect) > 0 &&
      !boost::beast::iequals(message[http::field::expect], "100-continue")) {
    return problem_response(417, "expectation_failed", "Only the expectation 100-continue is known.");
  }
  if (asterisk) return options_response("GET, HEAD, POST, OPTIONS");
  request_.path = std::move(target->path);
  request_.parameters = std::move(target->parameters);
  match_ = match_route(request_.method, target->segments);
  if (!match_.route) return no_route_response(request_.method, match_.allowed);
  request_.captures = std::move(match_.captures);
  for (const auto& field : message) {
    auto& [name, value] = request_.headers.emplace_back();
    for (char c : field.name_string()) name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    value.assign(field.value().data(), field.value().size());
  }
  if (match_.route->body_types.empty() && (parser_->chunked() || parser_->content_length().value_or(0) > 0)) {
    return problem_response(400, "unexpected_body", "This request takes no body: send none.");
  }
  if (parser_->content_length().value_or(0) > site_->settings.limits.body_bytes)
    return too_large_response(site_->settings.limits);
  if (auto failure = refuse_unknown(*match_.route, request_.parameters))
    return problem_response(failure->status, failure->problem);
  return std::nullopt;
}

void HttpSession::begin_body() {
  body_length_ = parser_->content_length().value_or(0);
  bool chunked = parser_->chunked();
  if (!chunked && body_length_ == 0) return body_done();
  enter(Phase::body);
  if (request_.has_header("expect") && in_.size() == 0) {
    error_code error;  // 25 bytes into an empty send buffer: does not block
    asio::write(socket_, asio::buffer(kContinue), error);
    if (error) return close();
  }
  if (chunked) {
    parser_->body_limit(site_->settings.limits.body_bytes);
    parser_->eager(true);
    return parse_chunks();
  }
  size_t here = std::min<uint64_t>(in_.size(), body_length_);
  if (!reserve_body(here)) return;
  request_.body->reserve(std::min<uint64_t>(body_length_, kBodyStep) + kBodyPadding);
  request_.body->append(static_cast<const char*>(in_.data().data()), here);
  in_.consume(here);
  read_rest();
}

void HttpSession::read_rest() {
  std::string& body = *request_.body;
  size_t have = body.size();
  if (have == body_length_) return body_done();
  size_t step = std::min<uint64_t>(body_length_ - have, std::max(kBodyStep, have));
  if (!reserve_body(step)) return;
  if (body.capacity() < have + step + kBodyPadding) body.reserve(have + step + kBodyPadding);
  body.resize(have + step);
  asio::async_read(socket_, asio::buffer(body.data() + have, step),
                   [self = shared_from_this()](error_code error, size_t bytes) {
                     if (self->phase_ != Phase::body) return;
                     self->site_->metrics.received(Protocol::http, bytes);
                     if (error) return self->close();
                     self->read_rest();
                   });
}

void HttpSession::parse_chunks() {
  error_code error;
  while (!parser_->is_done() && !error && in_.size() > 0) in_.consume(parser_->put(in_.data(), error));
  if (parser_->is_done()) {
    *request_.body = std::move(parser_->get().body());
    request_.body->reserve(request_.body->size() + kBodyPadding);
    return body_done();
  }
  if (error == http::error::body_limit) return refuse(too_large_response(site_->settings.limits));
  if (error && error != http::error::need_more) {
    return refuse(problem_response(400, "invalid_request", "The chunked body is not well-formed."));
  }
  if (!reserve_body(kReadBytes)) return;
  read_more();
}

bool HttpSession::reserve_body(size_t bytes) {
  if (room_.take(bytes)) return true;
  refuse(too_many_bodies_response());
  return false;
}

void HttpSession::body_done() {
  enter(Phase::handling);
  auto exchange = std::make_shared<HttpExchange>(shared_from_this(), *match_.route, std::move(request_));
  match_.route->handle(site_, std::move(exchange));
}

void HttpSession::refuse(Response response) {
  enter(Phase::handling);
  response.close = true;
  answer(match_.route, std::move(response), request_.method == Method::head);
}

void HttpSession::answer(const Route* route, Response response, bool head_only) {
  if (phase_ != Phase::handling) return;
  room_.give_back();
  if (response.close || site_->stopping) keep_alive_ = false;
  if (route && route->is_read) say_position(*site_, response);
  int64_t now = site_->services.clock.steady_micros();
  site_->metrics.request(Protocol::http, route ? route->name : "unmatched", response.status,
                         static_cast<double>(now - request_started_) / 1e6);
  head_out_ = render_head(response, http_date(site_->services.clock.now_micros()),
                          static_cast<int64_t>(response.body.size()), keep_alive_);
  body_out_ = head_only ? std::string() : std::move(response.body);
  enter(Phase::writing);
  write_out();
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
  if (!keep_alive_) return linger();
  enter(Phase::idle);
  parse_head();
}

// Closing with unread input would reset the connection, and the answer could be lost with it.
void HttpSession::linger() {
  if (phase_ != Phase::lingering) {
    enter(Phase::lingering);
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }
  in_.consume(in_.size());
  socket_.async_read_some(in_.prepare(kReadBytes),
                          [self = shared_from_this()](error_code error, size_t bytes) {
                            if (self->phase_ != Phase::lingering) return;
                            self->lingered_ += bytes;
                            if (error || self->lingered_ > kLingerBytes) return self->close();
                            self->linger();
                          });
}

void HttpSession::open_stream(const Route* route, Response head) {
  if (phase_ != Phase::handling) return;
  site_->metrics.request(Protocol::http, route->name, head.status, 0);
  if (route->is_read) say_position(*site_, head);
  keep_alive_ = false;
  enter(Phase::streaming);
  room_.give_back();
  write_stream(render_head(head, http_date(site_->services.clock.now_micros()), -1, false));
  watch_reader();
}

void HttpSession::watch_reader() {
  in_.consume(in_.size());
  socket_.async_read_some(in_.prepare(kReadBytes), [self = shared_from_this()](error_code error, size_t) {
    if (self->phase_ != Phase::streaming) return;
    if (error) return self->close();
    self->watch_reader();
  });
}

bool HttpSession::write_stream(std::string bytes) {
  if (!streaming()) return false;
  if (stream_waiting_ > kStreamBytes) {
    close();
    return false;
  }
  stream_waiting_ += bytes.size();
  stream_out_.push_back(std::move(bytes));
  if (stream_out_.size() == 1) send_stream();
  return true;
}

void HttpSession::finish_stream() {
  stream_ends_ = true;
  if (phase_ == Phase::streaming && stream_out_.empty()) close();
}

void HttpSession::send_stream() {
  int64_t micros = static_cast<int64_t>(site_->settings.request_seconds) * 1'000'000;
  deadline_ = site_->services.clock.steady_micros() + micros;
  asio::async_write(socket_, asio::buffer(stream_out_.front()),
                    [self = shared_from_this()](error_code error, size_t bytes) {
                      if (self->phase_ != Phase::streaming) return;
                      self->site_->metrics.sent(Protocol::http, bytes);
                      if (error) return self->close();
                      self->deadline_ = INT64_MAX;
                      self->stream_waiting_ -= self->stream_out_.front().size();
                      self->stream_out_.pop_front();
                      if (!self->stream_out_.empty()) return self->send_stream();
                      if (self->stream_ends_) self->close();
                    });
}

}  // namespace lode::wire
