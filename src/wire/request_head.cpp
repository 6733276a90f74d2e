#include "wire/request_head.h"

#include "wire/http_exchange.h"
#include "wire/problem.h"
#include "wire/target.h"

namespace lode::wire {

namespace http = boost::beast::http;

namespace {

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

// Any other coding would leave the body as it was encoded.
bool is_chunked_alone(const RequestParser::value_type& message) {
  auto [first, last] = message.equal_range(http::field::transfer_encoding);
  if (first == last) return true;
  bool chunked = boost::beast::iequals(first->value(), "chunked");
  return chunked && ++first == last;
}

std::optional<Response> check_fields(const RequestParser::value_type& message) {
  if (message.version() >= 11 && message.count(http::field::host) != 1) {
    return problem_response(400, "invalid_request", "Send exactly one Host header field.");
  }
  if (!is_chunked_alone(message)) {
    return problem_response(501, "transfer_encoding",
                            "Only the transfer encoding chunked is known; Content-Encoding compresses.");
  }
  if (message.count(http::field::expect) > 0 &&
      !boost::beast::iequals(message[http::field::expect], "100-continue")) {
    return problem_response(417, "expectation_failed", "Only the expectation 100-continue is known.");
  }
  return std::nullopt;
}

void copy_fields(const RequestParser::value_type& message, Request& request) {
  for (const auto& field : message) {
    auto& [name, value] = request.headers.emplace_back();
    for (char c : field.name_string()) name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    value.assign(field.value().data(), field.value().size());
  }
}

}  // namespace

std::optional<Response> read_head(const RequestParser& parser, const event::Limits& limits, Request& request,
                                  Match& match) {
  const auto& message = parser.get();
  request.method = method_of(message.method());
  auto target = parse_target({message.target().data(), message.target().size()});
  bool asterisk = request.method == Method::options && message.target() == "*";
  if (!target && !asterisk) {
    return problem_response(400, "invalid_target",
                            "The request target must be a percent-encoded path in UTF-8.");
  }
  if (auto refusal = check_fields(message)) return refusal;
  if (asterisk) return options_response("GET, HEAD, POST, OPTIONS");
  request.target.assign(message.target().data(), message.target().size());
  request.path = std::move(target->path);
  request.parameters = std::move(target->parameters);
  match = match_route(request.method, target->segments);
  if (!match.route) return no_route_response(request.method, match.allowed);
  request.captures = std::move(match.captures);
  copy_fields(message, request);
  if (match.route->body_types.empty() && has_body(parser)) {
    return problem_response(400, "unexpected_body", "This request takes no body: send none.");
  }
  if (parser.content_length().value_or(0) > limits.body_bytes) return too_large_response(limits);
  if (auto failure = refuse_unknown(*match.route, request.parameters))
    return problem_response(failure->status, failure->problem);
  return std::nullopt;
}

Response head_failure(const RequestParser& parser, boost::system::error_code error) {
  if (error == http::error::header_limit) {
    if (parser.get().target().empty()) {
      return problem_response(414, "uri_too_long", "Shorten the request target.");
    }
    return problem_response(431, "headers_too_large", "Send fewer or shorter header fields.");
  }
  if (error == http::error::bad_version) return problem_response(505, "http_version", "Speak HTTP/1.1.");
  return problem_response(400, "invalid_request", "This is not a well-formed HTTP/1.1 request.");
}

bool has_body(const RequestParser& parser) {
  return parser.chunked() || parser.content_length().value_or(0) > 0;
}

}  // namespace lode::wire
