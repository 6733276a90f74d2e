#include "node/log_repeats.h"

#include <algorithm>

namespace lode::node {

bool LogRepeats::passes(env::LogLevel level, std::string_view event, int64_t now_micros) {
  if (level == env::LogLevel::debug || level == env::LogLevel::critical) return true;
  auto at = periods_.find(event);
  if (at == periods_.end()) {
    next_look_ = std::min(periods_.empty() ? INT64_MAX : next_look_, now_micros + kPeriodMicros);
    at = periods_.emplace(event, Period{level, now_micros}).first;
  }
  Period& period = at->second;
  if (period.left_out == 0 && now_micros - period.begun >= kPeriodMicros) period = {level, now_micros};
  period.level = std::max(period.level, level);
  if (period.passed < kBurst) {
    ++period.passed;
    return true;
  }
  ++period.left_out;
  return false;
}

std::vector<LogRepeats::LeftOut> LogRepeats::take_left_out(int64_t now_micros) {
  std::vector<LeftOut> out;
  if (now_micros < next_look_) return out;
  next_look_ = INT64_MAX;
  for (auto at = periods_.begin(); at != periods_.end();) {
    const auto& [event, period] = *at;
    const int64_t over = period.begun + kPeriodMicros;
    if (now_micros < over) {
      next_look_ = std::min(next_look_, over);
      ++at;
      continue;
    }
    if (period.left_out > 0) out.push_back({period.level, event, period.left_out});
    at = periods_.erase(at);
  }
  return out;
}

}  // namespace lode::node
