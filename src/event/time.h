// Points in time and calendar days. RFC 3339 in, UTC microseconds inside. Pure; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace lode::event {

// Microseconds since 1970-01-01T00:00:00Z.
struct Micros {
  int64_t value = 0;
  friend auto operator<=>(const Micros&, const Micros&) = default;
};

// Days since 1970-01-01 in the reporting time zone.
struct Day {
  int32_t value = 0;
  friend auto operator<=>(const Day&, const Day&) = default;
};

// "2010-12-01T08:26:00Z", "2010-12-01t08:26:00.123456+01:00"; an offset is required, more than 6 fraction
// digits are cut, second 60 counts as the next minute's 0. False: not RFC 3339 or no such date.
bool parse_rfc3339(std::string_view text, Micros& out);
// Always UTC with 'Z'; a fraction only when there is one: "2010-12-01T08:26:00Z", "….123456Z".
std::string format_rfc3339(Micros time);

// "2010-12-01" <-> days since 1970-01-01, proleptic Gregorian. False: not a date.
bool parse_day(std::string_view text, Day& out);
std::string format_day(Day day);

}  // namespace lode::event
