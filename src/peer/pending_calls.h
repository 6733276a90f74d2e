// The calls of one link that wait for their answers. Any thread; a Done is never run here, but handed out,
// each once.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "peer/call.h"

namespace lode::peer {

class PendingCalls {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Added {
    uint64_t correlation = 0;
    bool earliest = false;  // due before all others
  };
  // Nothing when `most` calls wait already.
  std::optional<Added> add(Time deadline, const Done& done, size_t most);

  std::optional<Done> take(uint64_t correlation);  // nothing: answered or expired already
  std::vector<Done> take_due(Time now);
  std::vector<Done> take_all();
  std::optional<Time> next_deadline() const;
  size_t size() const;

 private:
  struct Call {
    Time deadline;
    Done done;
  };

  mutable std::mutex mutex_;
  uint64_t next_ = 1;
  std::map<uint64_t, Call> calls_;
  std::set<std::pair<Time, uint64_t>> deadlines_;
};

}  // namespace lode::peer
