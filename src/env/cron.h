// When something is due, as five cron fields in a named time zone: minute, hour, day of the month, month, day
// of the week. Each is `*`, a number, a range 1-5, a step */15 or 8-18/2, or a list of these; months and
// days have names, too (jan, mon; Sunday is 0 and 7). Where both days are restricted, either is enough. Pure;
// any thread.
//
// When clocks change: a time that is skipped is due at the moment of the change, one that comes twice is due
// the first time. An hour field that begins with `*` goes by the time that really passes: each of the two
// hours counts, and nothing is made up for the one that is skipped.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lode::env {

class Cron {
 public:
  // `zone`: an IANA name. Throws std::invalid_argument with a sentence that names the field.
  Cron(std::string_view expression, std::string_view zone);

  // The first time after `micros` (since 1970-01-01T00:00:00Z) that is due; nothing when there is none within
  // 30 years: the 30th of February.
  std::optional<int64_t> next(int64_t micros) const;
  // That many of them.
  std::vector<int64_t> next(int64_t micros, size_t count) const;
  // As a time of the zone, "2026-03-29 03:00 CEST".
  std::string local_text(int64_t micros) const;

  const std::string& expression() const { return expression_; }
  const std::string& zone() const { return zone_; }

 private:
  bool is_due_on(int month, int day, int weekday) const;

  std::string expression_, zone_;
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;
  bool every_hour_ = false;  // the field begins with *
  bool any_day_ = false, any_weekday_ = false;
};

}  // namespace lode::env
