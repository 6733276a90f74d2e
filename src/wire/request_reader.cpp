#include "wire/request_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "wire/http_exchange.h"
#include "wire/http_session.h"
#include "wire/problem.h"

namespace lode::wire {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Protocol = SessionMetrics::Protocol;

namespace {

constexpr size_t kReadBytes = 16 * 1024;
constexpr size_t kBodyStep = 256 * 1024;  // what is reserved ahead of the bytes that came
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

void RequestReader::next() {
  stage_ = Stage::idle;
  parse_head();
}

void RequestReader::read_more() {
  socket_.async_read_some(in_.prepare(kReadBytes),
                          [this, owner = session_.shared_from_this()](error_code error, size_t bytes) {
                            if (stage_ == Stage::off) return;
                            if (error) return session_.close();
                            site_.metrics.received(Protocol::http, bytes);
                            in_.commit(bytes);
                            if (stage_ == Stage::body) {
                              parse_chunks();
                            } else {
                              parse_head();
                            }
                          });
}

void RequestReader::parse_head() {
  if (in_.size() == 0) {
    drop_input();
    return read_more();
  }
  if (stage_ == Stage::idle) {
    stage_ = Stage::head;
    session_.begun();
    match_ = {};  // a request that ends early is not the one before
    request_ = {};
    parser_.emplace();
    parser_->header_limit(site_.live.header_bytes);
    parser_->body_limit(boost::none);
  }
  error_code error;
  in_.consume(parser_->put(in_.data(), error));
  if (error == http::error::need_more) return read_more();
  if (error) return refuse(head_failure(*parser_, error));
  head_done();
}

void RequestReader::head_done() {
  request_.body = std::make_shared<std::string>();
  auto refusal = read_head(*parser_, session_.loop()->limits(), request_, match_);
  if (!refusal) return begin_body();
  if (has_body(*parser_)) return refuse(std::move(*refusal));
  stop();
  session_.answer_head(std::move(*refusal));
}

void RequestReader::begin_body() {
  body_length_ = parser_->content_length().value_or(0);
  bool chunked = parser_->chunked();
  if (!chunked && body_length_ == 0) return done();
  stage_ = Stage::body;
  if (request_.has_header("expect") && in_.size() == 0) {
    error_code error;  // 25 bytes into an empty send buffer: does not block
    asio::write(socket_, asio::buffer(kContinue), error);
    if (error) return session_.close();
  }
  if (chunked) {
    parser_->body_limit(session_.loop()->limits().body_bytes);
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

void RequestReader::read_rest() {
  std::string& body = *request_.body;
  size_t have = body.size();
  if (have == body_length_) return done();
  size_t step = std::min<uint64_t>(body_length_ - have, std::max(kBodyStep, have));
  if (!reserve_body(step)) return;
  if (body.capacity() < have + step + kBodyPadding) body.reserve(have + step + kBodyPadding);
  body.resize(have + step);
  asio::async_read(socket_, asio::buffer(body.data() + have, step),
                   [this, owner = session_.shared_from_this()](error_code error, size_t bytes) {
                     if (stage_ != Stage::body) return;
                     site_.metrics.received(Protocol::http, bytes);
                     if (error) return session_.close();
                     read_rest();
                   });
}

void RequestReader::parse_chunks() {
  error_code error;
  while (!parser_->is_done() && !error && in_.size() > 0) in_.consume(parser_->put(in_.data(), error));
  if (parser_->is_done()) {
    *request_.body = std::move(parser_->get().body());
    request_.body->reserve(request_.body->size() + kBodyPadding);
    return done();
  }
  if (error == http::error::body_limit) return refuse(too_large_response(session_.loop()->limits()));
  if (error && error != http::error::need_more) {
    return refuse(problem_response(400, "invalid_request", "The chunked body is not well-formed."));
  }
  if (!reserve_body(kReadBytes)) return;
  read_more();
}

bool RequestReader::reserve_body(size_t bytes) {
  if (room_.take(bytes)) return true;
  refuse(too_many_bodies_response());
  return false;
}

void RequestReader::done() {
  stop();
  session_.read(std::move(request_));
}

void RequestReader::refuse(Response response) {
  stop();
  session_.refuse(std::move(response));
}

}  // namespace lode::wire
