// Who waits for a barrier: an entry that is proposed after they asked. When it is applied here, so is all
// that was acknowledged anywhere before. One barrier is under way at a time, for all who asked before it.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "ingest/ingest.h"

namespace lode::ingest {

// Any thread.
class Barriers {
 public:
  using Done = std::function<void(std::optional<Refusal>, int64_t offset)>;
  // `wanted`: begin() would say yes; on any thread.
  explicit Barriers(std::function<void()> wanted) : wanted_(std::move(wanted)) {}

  void add(Done done) {
    {
      std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(done));
      if (under_way_) return;
    }
    wanted_();
  }
  bool is_wanted() const {
    std::lock_guard lock(mutex_);
    return !under_way_ && !waiting_.empty();
  }
  // A barrier may be proposed now, for all who wait; then settled() is called.
  bool begin() {
    std::lock_guard lock(mutex_);
    if (under_way_ || waiting_.empty()) return false;
    carried_ = std::exchange(waiting_, {});
    return under_way_ = true;
  }
  // The barrier is applied, `offset` the last one then; or refused.
  void settled(const std::optional<Refusal>& refusal, int64_t offset) {
    std::vector<Done> told;
    bool more;
    {
      std::lock_guard lock(mutex_);
      told = std::exchange(carried_, {});
      under_way_ = false;
      more = !waiting_.empty();
    }
    if (more) wanted_();
    for (const Done& done : told) done(refusal, offset);
  }
  // Those who wait for one that is not under way.
  void refuse_waiting(const Refusal& refusal) {
    std::vector<Done> told;
    {
      std::lock_guard lock(mutex_);
      told = std::exchange(waiting_, {});
    }
    for (const Done& done : told) done(refusal, -1);
  }

 private:
  std::function<void()> wanted_;
  mutable std::mutex mutex_;
  std::vector<Done> waiting_, carried_;
  bool under_way_ = false;
};

}  // namespace lode::ingest
