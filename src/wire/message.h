// One HTTP request as read and one answer to be written. Nothing here knows of sockets.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/result.h"
#include "wire/room.h"

namespace lode::wire {

enum class Method : uint8_t { get, head, post, options, other };

struct Request {
  Method method = Method::get;
  std::string target;  // as sent
  std::string path;    // percent-decoded segments are in `captures`; this is as sent, without the query
  std::vector<std::string> captures;  // what the route's {…} matched, percent-decoded
  query::Parameters parameters;       // percent-decoded, in order
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::shared_ptr<std::string> body;  // has 64 bytes of capacity past its end; never null

  // The header's value; several of one name are joined with ", ". "" when absent.
  std::string header(std::string_view lower_case_name) const;
  bool has_header(std::string_view lower_case_name) const;
  const std::string* parameter(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool close = false;  // the connection ends with this answer
  std::shared_ptr<Room::Share>
      room;  // of a large body, if it was taken already; given back when that is sent
};

constexpr size_t kBodyPadding = 64;

std::string_view reason_phrase(int status);
// Status line and headers, with the empty line. `date` is a ready IMF-fixdate. `length` < 0: a stream that
// ends with the connection.
std::string render_head(const Response& response, std::string_view date, int64_t length, bool keep_alive);
// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string format_http_date(int64_t unix_seconds);

}  // namespace lode::wire
