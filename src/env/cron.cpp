#include "env/cron.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <span>
#include <stdexcept>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace lode::env {

namespace {

struct Field {
  const char* name;
  int least, most;
  std::span<const std::string_view> names;  // of least, least + 1, …
};

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

[[noreturn]] void fail(const Field& field, std::string_view text, const std::string& what) {
  throw std::invalid_argument(std::string("the ") + field.name + " `" + std::string(text) + "` " + what);
}

absl::TimeZone load_zone(const std::string& name) {
  absl::TimeZone zone;
  if (name.empty() || !absl::LoadTimeZone(name, &zone))
    throw std::invalid_argument("unknown time zone `" + name +
                                "`; give an IANA name such as UTC or Europe/London");
  return zone;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

int number_of(const Field& field, std::string_view text) {
  const std::string name = lower(text);
  for (size_t i = 0; i < field.names.size(); ++i)
    if (field.names[i] == name) return field.least + static_cast<int>(i);
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < field.least || number > field.most)
    fail(field, text,
         "is no number from " + std::to_string(field.least) + " to " + std::to_string(field.most) +
             (field.names.empty() ? "" : ", and no name"));
  return number;
}

// One element of a list: `*`, 5, 1-5, each with or without a step.
template <size_t N>
void add(const Field& field, std::string_view text, std::bitset<N>& out) {
  const size_t slash = text.find('/');
  const std::string_view range = text.substr(0, slash);
  int step = 1, from = field.least, to = field.most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), step);
    if (error != std::errc() || end != digits.data() + digits.size() || step < 1)
      fail(field, text, "has a step that is no number from 1");
  }
  if (const size_t dash = range.find('-'); dash != std::string_view::npos) {
    from = number_of(field, range.substr(0, dash));
    to = number_of(field, range.substr(dash + 1));
    if (to == 0 && field.most == 7) to = 7;  // a week may end with Sunday
    if (to < from) fail(field, text, "ends before it begins");
  } else if (range != "*") {
    from = number_of(field, range);
    if (slash == std::string_view::npos) to = from;
  } else if (field.most == 7) {
    to = 6;
  }
  for (int i = from; i <= to; i += step) {
    out.set(static_cast<size_t>(i) % N);
    if (i > to - step) break;  // a step may be huge
  }
}

template <size_t N>
void parse(const Field& field, std::string_view text, std::bitset<N>& out) {
  for (size_t at = 0; at <= text.size();) {
    const size_t comma = std::min(text.find(',', at), text.size());
    if (comma == at) fail(field, text, "has an empty element");
    add(field, text.substr(at, comma - at), out);
    at = comma + 1;
  }
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  for (size_t at = 0;;) {
    at = text.find_first_not_of(" \t", at);
    if (at == std::string_view::npos) return out;
    const size_t end = std::min(text.find_first_of(" \t", at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end;
  }
}

}  // namespace

Cron::Cron(std::string_view expression, std::string_view zone) : expression_(expression), zone_(zone) {
  load_zone(zone_);
  const auto fields = words(expression);
  if (fields.size() != 5)
    throw std::invalid_argument(
        "`" + expression_ +
        "` has not five fields: minute, hour, day of the month, month, day of the week; "
        "`30 3 * * 0` is Sunday at 3:30");
  parse({"minute", 0, 59, {}}, fields[0], minutes_);
  parse({"hour", 0, 23, {}}, fields[1], hours_);
  parse({"day of the month", 1, 31, {}}, fields[2], days_);
  parse({"month", 1, 12, kMonths}, fields[3], months_);
  parse({"day of the week", 0, 7, kWeekdays}, fields[4], weekdays_);
  every_hour_ = fields[1].starts_with('*');
  any_day_ = fields[2].starts_with('*');
  any_weekday_ = fields[4].starts_with('*');
}

bool Cron::is_due_on(int month, int day, int weekday) const {
  if (!months_.test(static_cast<size_t>(month))) return false;
  const bool day_fits = days_.test(static_cast<size_t>(day));
  const bool weekday_fits = weekdays_.test(static_cast<size_t>(weekday));
  return any_day_ || any_weekday_ ? day_fits && weekday_fits : day_fits || weekday_fits;
}

std::optional<int64_t> Cron::next(int64_t micros) const {
  constexpr int kDays = 30 * 366;
  const absl::TimeZone zone = load_zone(zone_);
  const absl::Time after = absl::FromUnixMicros(micros);
  // A change of clocks can move a time into the next day.
  absl::CivilDay day = absl::ToCivilDay(after, zone) - 1;
  std::optional<absl::Time> best;
  const auto offer = [&](absl::Time at) {
    if (at > after && (!best || at < *best)) best = at;
  };
  for (int i = 0; i < kDays; ++i, ++day) {
    // The days behind it come later, but for what a change of clocks moves.
    if (best && absl::ToCivilDay(*best, zone) < day - 1) break;
    const int weekday = (static_cast<int>(absl::GetWeekday(day)) + 1) % 7;  // absl's week begins on Monday
    if (!is_due_on(day.month(), day.day(), weekday)) continue;
    for (int hour = 0; hour < 24; ++hour) {
      if (!hours_.test(static_cast<size_t>(hour))) continue;
      for (int minute = 0; minute < 60; ++minute) {
        if (!minutes_.test(static_cast<size_t>(minute))) continue;
        const auto at = zone.At(absl::CivilSecond(day.year(), day.month(), day.day(), hour, minute, 0));
        if (at.kind != absl::TimeZone::TimeInfo::SKIPPED) offer(at.pre);
        if (at.kind == absl::TimeZone::TimeInfo::SKIPPED && !every_hour_) offer(at.trans);
        if (at.kind == absl::TimeZone::TimeInfo::REPEATED && every_hour_) offer(at.post);
      }
    }
  }
  if (!best) return std::nullopt;
  return absl::ToUnixMicros(*best);
}

std::vector<int64_t> Cron::next(int64_t micros, size_t count) const {
  std::vector<int64_t> out;
  while (out.size() < count) {
    const auto at = next(out.empty() ? micros : out.back());
    if (!at) break;
    out.push_back(*at);
  }
  return out;
}

std::string Cron::local_text(int64_t micros) const {
  return absl::FormatTime("%Y-%m-%d %H:%M %Z", absl::FromUnixMicros(micros), load_zone(zone_));
}

}  // namespace lode::env
