// The reporting calendar: which day a moment belongs to in the configured time zone.
#pragma once

#include <cstdint>
#include <utility>

#include "event/time.h"
#include "gold/zone_rules.h"

namespace lode::gold {

// Days as key words: days since 1970-01-01, moved so that they order as unsigned numbers.
constexpr uint32_t day_word(event::Day day) { return static_cast<uint32_t>(day.value) ^ 0x80000000u; }
constexpr event::Day day_of_word(uint32_t word) { return {static_cast<int32_t>(word ^ 0x80000000u)}; }

// One thread: it remembers the stretch of constant UTC offset that it was last asked about.
class Calendar {
 public:
  explicit Calendar(ZoneRules zone) : zone_(std::move(zone)) {}

  event::Day day(event::Micros time) {
    if (time.value < from_ || time.value >= to_) find_stretch(time);
    int64_t local = time.value + offset_;
    return {static_cast<int32_t>(local / kDay - (local % kDay < 0))};
  }

 private:
  static constexpr int64_t kSecond = 1000000;
  static constexpr int64_t kDay = 86400 * kSecond;

  void find_stretch(event::Micros time);

  ZoneRules zone_;
  int64_t from_ = 0, to_ = 0;  // [from_, to_): where offset_ holds
  int64_t offset_ = 0;         // micros to add to UTC
};

}  // namespace lode::gold
