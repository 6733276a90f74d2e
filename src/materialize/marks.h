// The state hash at some of the last entries, for nodes to compare: they all mark the same entries. The apply
// thread adds, any thread reads.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "record/types.h"
#include "store/digest.h"

namespace lode::materialize {

struct Mark {
  record::EntryIndex entry;  // the last that is in it
  int64_t offset = -1;       // of the last record in it
  store::Digest hash;
  friend bool operator==(const Mark&, const Mark&) = default;
};

class Marks {
 public:
  static constexpr uint64_t kEvery = 16;  // entries
  static constexpr size_t kKept = 256;

  static bool wants(record::EntryIndex entry) { return entry.value % kEvery == 0; }
  void add(const Mark& mark) {
    std::lock_guard lock(mutex_);
    if (marks_.size() == kKept) marks_.pop_front();
    marks_.push_back(mark);
  }
  // Ascending by entry.
  std::vector<Mark> all() const {
    std::lock_guard lock(mutex_);
    return {marks_.begin(), marks_.end()};
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Mark> marks_;
};

}  // namespace lode::materialize
