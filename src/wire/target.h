// The request target: path and query string. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/result.h"

namespace lode::wire {

struct Target {
  std::string path;
  std::vector<std::string> segments;  // percent-decoded; "/" has none, "/a/" ends with an empty one
  query::Parameters parameters;       // percent-decoded, '+' is a space
};

// Origin form only ("/v1/…?…"). Nothing: malformed, e.g. "%zz", or decoded to what is not UTF-8 or holds a
// NUL.
std::optional<Target> parse_target(std::string_view text);

}  // namespace lode::wire
