#include "gold/calendar.h"

#include <xxhash.h>

#include <limits>
#include <stdexcept>
#include <vector>

namespace lode::gold {

Calendar::Calendar(const std::string& time_zone) {
  if (time_zone.empty() || !absl::LoadTimeZone(time_zone, &zone_)) {
    throw std::invalid_argument("unknown time zone `" + time_zone +
                                "`; give an IANA name such as UTC or Europe/London");
  }
}

void Calendar::find_stretch(event::Micros time) {
  absl::Time at = absl::FromUnixMicros(time.value);
  from_ = std::numeric_limits<int64_t>::min();
  to_ = std::numeric_limits<int64_t>::max();
  absl::TimeZone::CivilTransition change;
  // PrevTransition finds changes before the whole second of its argument; one at the start of this second
  // counts.
  if (zone_.PrevTransition(at + absl::Seconds(1), &change)) {
    from_ = absl::ToUnixMicros(zone_.At(change.to).trans);
  }
  if (zone_.NextTransition(at, &change)) to_ = absl::ToUnixMicros(zone_.At(change.to).trans);
  offset_ = int64_t{zone_.At(at).offset} * 1000000;
}

uint64_t Calendar::rules_hash() const {
  std::vector<int64_t> rules;
  absl::Time at = absl::FromUnixSeconds(631152000);
  absl::Time end = absl::FromUnixSeconds(4102444800);
  rules.push_back(zone_.At(at).offset);
  absl::TimeZone::CivilTransition change;
  while (zone_.NextTransition(at, &change)) {
    at = zone_.At(change.to).trans;
    if (at >= end) break;
    rules.push_back(absl::ToUnixSeconds(at));
    rules.push_back(zone_.At(at).offset);
  }
  return XXH3_64bits(rules.data(), rules.size() * sizeof(int64_t));
}

}  // namespace lode::gold
