// The head of an HTTP request: what it asks for, and whether that can be answered. Loop thread.
#pragma once

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "wire/message.h"
#include "wire/route.h"

namespace lode::wire {

using RequestParser = boost::beast::http::request_parser<boost::beast::http::string_body>;

// Fills `request` (without the body) and `match` from a head that is whole. A response: the refusal.
std::optional<Response> read_head(const RequestParser& parser, const event::Limits& limits, Request& request,
                                  Match& match);

// The refusal of a head that is no head.
Response head_failure(const RequestParser& parser, boost::system::error_code error);

bool has_body(const RequestParser& parser);

}  // namespace lode::wire
