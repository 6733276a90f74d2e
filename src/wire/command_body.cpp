#include "wire/command_body.h"

#include "wire/content_encoding.h"
#include "wire/media_type.h"
#include "wire/problem.h"

namespace lode::wire {

std::optional<Response> refuse_body(Request& request, std::string_view wanted, uint64_t limit) {
  auto type = parse_media_type(request.header("content-type"));
  if (!type || type->name != wanted)
    return problem_response(415, "unsupported_media_type", "Send " + std::string(wanted) + ".");
  if (auto refused = decode_content(request.header("content-encoding"), limit, request.body))
    return problem_response(refused->status, refused->problem);
  if (request.body->size() > limit)
    return problem_response(413, "body_too_large", "Send at most " + std::to_string(limit) + " bytes.");
  return std::nullopt;
}

std::string pointer_to(std::string_view member) {
  std::string out = "/";
  for (char c : member.substr(0, 64)) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace lode::wire
