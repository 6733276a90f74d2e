#include "gold/calendar.h"

#include <algorithm>
#include <limits>

namespace lode::gold {

void Calendar::find_stretch(event::Micros time) {
  const auto& changes = zone_.changes;
  int64_t second = time.value / kSecond - (time.value % kSecond < 0);
  auto next =
      std::upper_bound(changes.begin(), changes.end(), second,
                       [](int64_t at, const ZoneRules::Change& change) { return at < change.at_seconds; });
  bool first = next == changes.begin(), last = next == changes.end();
  from_ = first ? std::numeric_limits<int64_t>::min() : std::prev(next)->at_seconds * kSecond;
  to_ = last ? std::numeric_limits<int64_t>::max() : next->at_seconds * kSecond;
  offset_ = (first ? zone_.first_offset : std::prev(next)->offset_seconds) * kSecond;
}

}  // namespace lode::gold
