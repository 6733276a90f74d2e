// A point of the log as an operator names it: an offset, or a time. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "event/time.h"
#include "record/types.h"

namespace lode::admin {

struct Point {
  // One of the two.
  std::optional<record::Offset> offset;
  std::optional<event::Micros> time;  // of receipt
};

// "1000", "2011-01-05T08:26:00Z", "2011-01-05" (its beginning, UTC). Nothing: it is none of them.
std::optional<Point> parse_point(std::string_view text);
// What it should have been, for a refusal.
inline constexpr std::string_view kPointHint =
    "Send an offset, such as 1000, or a time, such as 2011-01-05T08:26:00Z.";

}  // namespace lode::admin
