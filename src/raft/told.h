// What a listener is still to be told, in order. Entries whose payloads are more than `max_bytes` in all
// become runs to be read from the log, if they are in it already. Threads: none.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "raft/observer.h"

namespace lode::raft {

class Told {
 public:
  explicit Told(size_t max_bytes) : max_bytes_(max_bytes) {}

  // Entries up to `durable` can be read from the log.
  void push(std::span<const Committed> entries, record::EntryIndex durable) {
    if (calls_.empty() || !calls_.back().other.empty()) calls_.push_back({});
    for (const Committed& entry : entries) add(calls_.back().entries, entry, durable);
  }
  void push(std::function<void()> call) {
    calls_.push_back({});
    calls_.back().other.push_back(std::move(call));
  }
  bool empty() const { return calls_.empty(); }

  struct Call {
    std::vector<Committed> entries;            // one of the two
    std::vector<std::function<void()>> other;  // one, or none
  };
  Call pop() {
    Call call = std::move(calls_.front());
    calls_.pop_front();
    for (const Committed& entry : call.entries) bytes_ -= entry.entry ? entry.entry->payload.size() : 0;
    return call;
  }

 private:
  void add(std::vector<Committed>& to, const Committed& entry, record::EntryIndex durable) {
    const size_t size = entry.entry ? entry.entry->payload.size() : 0;
    const bool keeps = entry.entry && (bytes_ + size <= max_bytes_ || entry.last > durable);
    const bool goes_on =
        !to.empty() && !to.back().entry && !to.back().cookie && to.back().last.value + 1 == entry.first.value;
    if (!keeps && !entry.cookie && goes_on) {
      to.back().last = entry.last;
      return;
    }
    Committed& added = to.emplace_back(entry);
    if (keeps)
      bytes_ += size;
    else
      added.entry.reset();
  }

  size_t max_bytes_;
  std::deque<Call> calls_;
  size_t bytes_ = 0;
};

}  // namespace lode::raft
