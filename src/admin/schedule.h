// What is done at times that a cron expression names (env/cron.h). A moment that passes while the node is
// down, or while it can't be done, is made up once, as soon as it can; several of them once together. Clocks
// that are set do not make it happen twice. Pure; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "env/cron.h"

namespace lode::admin {

class Schedule {
 public:
  // `kept`: kept() of an earlier object; of another expression or zone, or "", it begins now.
  Schedule(env::Cron cron, std::string_view kept, int64_t now_micros);

  bool is_due(int64_t now_micros);
  // What was due is dealt with: done, or not to be done.
  void dealt_with(int64_t now_micros);
  // The next time, in the past when it is due already; nothing: never.
  std::optional<int64_t> next() const { return cron_.next(seen_); }

  const env::Cron& cron() const { return cron_; }
  std::string kept() const;

 private:
  env::Cron cron_;
  int64_t seen_ = 0;  // up to which moment it is dealt with
};

}  // namespace lode::admin
