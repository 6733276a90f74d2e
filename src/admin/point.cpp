#include "admin/point.h"

#include <charconv>

namespace lode::admin {

std::optional<Point> parse_point(std::string_view text) {
  constexpr int64_t kDayMicros = 86'400'000'000;
  Point out;
  uint64_t offset = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (error == std::errc() && end == text.data() + text.size()) {
    if (offset > static_cast<uint64_t>(INT64_MAX)) return std::nullopt;
    out.offset = record::Offset{offset};
    return out;
  }
  event::Micros time{};
  event::Day day{};
  if (event::parse_day(text, day))
    time.value = day.value * kDayMicros;
  else if (!event::parse_rfc3339(text, time))
    return std::nullopt;
  out.time = time;
  return out;
}

}  // namespace lode::admin
