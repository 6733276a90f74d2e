// The newest entries of the log in memory, shared not copied: for sends and for apply. Bounded in bytes, but
// what is not durable yet stays.
#pragma once

#include <deque>

#include "raft/message.h"

namespace lode::raft {

class Tail {
 public:
  // The next entry is `next`; all that was there goes.
  void reset(record::EntryIndex next) {
    entries_.clear();
    first_ = next.value;
    bytes_ = 0;
  }
  void push(Entry entry) {
    bytes_ += cost(entry);
    entries_.push_back(std::move(entry));
  }
  // Entries from `from` on go.
  void truncate(record::EntryIndex from) {
    while (!entries_.empty() && next().value > from.value) {
      bytes_ -= cost(entries_.back());
      entries_.pop_back();
    }
    if (entries_.empty()) first_ = from.value;
  }
  // Entries up to `persisted` may go, until no more than `max_bytes` are left.
  void trim(record::EntryIndex persisted, size_t max_bytes) {
    while (bytes_ > max_bytes && !entries_.empty() && first_ <= persisted.value) {
      bytes_ -= cost(entries_.front());
      entries_.pop_front();
      ++first_;
    }
  }
  const Entry* find(record::EntryIndex index) const {
    return index.value >= first_ && index < next() ? &entries_[index.value - first_] : nullptr;
  }
  record::EntryIndex first() const { return {first_}; }
  record::EntryIndex next() const { return {first_ + entries_.size()}; }
  size_t bytes() const { return bytes_; }

 private:
  static size_t cost(const Entry& entry) { return entry.payload.size() + sizeof(Entry); }
  std::deque<Entry> entries_;
  uint64_t first_ = 1;
  size_t bytes_ = 0;
};

}  // namespace lode::raft
