// Content-Type: a media type and its parameters. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lode::wire {

struct MediaType {
  std::string name;                                             // "text/csv", in lower case
  std::vector<std::pair<std::string, std::string>> parameters;  // names in lower case, values unquoted

  const std::string* parameter(std::string_view parameter_name) const;
};

// Nothing: not a media type (RFC 9110, 8.3.1).
std::optional<MediaType> parse_media_type(std::string_view text);

// White space at both ends taken off; ASCII lower case.
std::string_view trim_space(std::string_view text);
std::string lower_case(std::string_view text);

}  // namespace lode::wire
