// Entries on their way to the disk: whatever waits becomes one append with one sync. Later entries at or
// below the index of earlier ones take their place, as in the log. Threads: none.
#pragma once

#include <deque>
#include <vector>

#include "raft/message.h"

namespace lode::raft {

class WriteQueue {
 public:
  struct Batch {
    record::EntryIndex first;
    std::vector<Entry> entries;
    uint64_t epoch = 0;  // of the last of them
    record::EntryIndex last() const { return {first.value + entries.size() - 1}; }
    // As the log takes them; they point into `entries`.
    std::vector<log::Entry> log_entries() const;
  };

  void push(record::EntryIndex first, std::vector<Entry> entries, uint64_t epoch);
  // What was pushed first, up to about `max_bytes` of payloads, one push at least. Not of an empty queue.
  Batch take(size_t max_bytes);
  bool empty() const { return waiting_.empty(); }
  void clear() { waiting_.clear(); }

 private:
  std::deque<Batch> waiting_;
};

}  // namespace lode::raft
