// Entries that were proposed and whose fate is not told yet, by the cookie that goes with them.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "ingest/committed.h"

namespace lode::ingest {

// Any thread.
class InFlight {
 public:
  uint64_t add(Committed entry) {
    std::lock_guard lock(mutex_);
    entries_.emplace(++last_cookie_, std::move(entry));
    return last_cookie_;
  }
  std::optional<Committed> take(uint64_t cookie) {
    std::lock_guard lock(mutex_);
    auto found = entries_.find(cookie);
    if (found == entries_.end()) return std::nullopt;
    std::optional<Committed> out(std::move(found->second));
    entries_.erase(found);
    return out;
  }
  // It stays in flight.
  std::optional<Committed> peek(uint64_t cookie) const {
    std::lock_guard lock(mutex_);
    auto found = entries_.find(cookie);
    return found == entries_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  mutable std::mutex mutex_;
  uint64_t last_cookie_ = 0;
  std::map<uint64_t, Committed> entries_;
};

}  // namespace lode::ingest
