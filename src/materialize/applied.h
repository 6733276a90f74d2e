// How far apply has come, and who waits for it. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

namespace lode::materialize {

struct AppliedPosition {
  int64_t offset = -1;        // the last record applied; -1: none
  int64_t record_micros = 0;  // its receive time
};

class Applied {
 public:
  AppliedPosition get() const;
  // Apply thread, after the change is visible to readers. Runs the waiters that are due on the calling
  // thread.
  void advance(AppliedPosition position);
  // Calls `ready` once `offset` is applied: at once on the caller's thread when it is already, else on the
  // apply thread. `ready` must be short. Returns a ticket; 0 when it was called at once.
  uint64_t wait(int64_t offset, std::function<void()> ready);
  // Forgets a waiter; afterwards its `ready` is not called any more (or has been).
  void cancel(uint64_t ticket);

 private:
  mutable std::mutex mutex_;
  AppliedPosition position_;
  uint64_t next_ticket_ = 1;
  std::multimap<int64_t, std::pair<uint64_t, std::function<void()>>> waiters_;
};

}  // namespace lode::materialize
