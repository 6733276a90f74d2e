#include "admin/schedule.h"

#include <algorithm>
#include <charconv>

namespace lode::admin {

namespace {

// A clock that is further back than this was wrong before, not now.
constexpr int64_t kFarMicros = 26ll * 3600 * 1'000'000;

}  // namespace

Schedule::Schedule(env::Cron cron, std::string_view kept, int64_t now_micros)
    : cron_(std::move(cron)), seen_(now_micros) {
  const size_t end = kept.find(' ');
  if (end == std::string_view::npos || kept.substr(end + 1) != cron_.expression() + " " + cron_.zone())
    return;
  int64_t seen = 0;
  const auto [last, error] = std::from_chars(kept.data(), kept.data() + end, seen);
  if (error == std::errc() && last == kept.data() + end) seen_ = seen;
}

bool Schedule::is_due(int64_t now_micros) {
  if (seen_ > now_micros + kFarMicros) seen_ = now_micros;
  const auto due = cron_.next(seen_);
  return due && *due <= now_micros;
}

void Schedule::dealt_with(int64_t now_micros) { seen_ = std::max(seen_, now_micros); }

std::string Schedule::kept() const {
  return std::to_string(seen_) + " " + cron_.expression() + " " + cron_.zone();
}

}  // namespace lode::admin
