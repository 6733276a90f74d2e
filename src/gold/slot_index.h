// Hash -> position in somebody's array, open addressing, no removal. The owner compares what lies at a
// position. One writer, or many readers.
#pragma once

#include <cstdint>
#include <utility>

#include "store/prefetch.h"
#include "store/zeroed_memory.h"

namespace lode::gold {

class SlotIndex {
 public:
  static constexpr uint32_t kNone = ~0u;

  explicit SlotIndex(uint32_t expected) {
    uint64_t capacity = 1024;
    while (capacity < uint64_t{expected} * 2) capacity *= 2;
    allocate(capacity);
  }

  void prefetch(uint32_t hash) const { store::prefetch(&entries_[hash & mask_]); }

  // The first position with this very hash, most likely the one; for prefetching.
  uint32_t peek(uint32_t hash) const {
    return find(hash, [](uint32_t) { return true; });
  }

  // The position with this hash that `equal` accepts, or kNone.
  template <typename Equal>
  uint32_t find(uint32_t hash, Equal equal) const {
    for (uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
      uint64_t entry = entries_[at];
      if (entry == 0) return kNone;
      uint32_t position = static_cast<uint32_t>(entry) - 1;
      if (entry >> 32 == hash && equal(position)) return position;
    }
  }

  void insert(uint32_t hash, uint32_t position) {
    if ((size_ + 1) * 5 > (mask_ + 1) * 3) grow();
    place(uint64_t{hash} << 32 | (position + 1));
    ++size_;
  }

  uint64_t memory_bytes() const { return (mask_ + 1) * sizeof(uint64_t); }

 private:
  void allocate(uint64_t capacity) {
    entries_ = store::zeroed_memory<uint64_t>(capacity);
    mask_ = capacity - 1;
  }

  void place(uint64_t entry) {
    uint64_t at = (entry >> 32) & mask_;
    while (entries_[at] != 0) at = (at + 1) & mask_;
    entries_[at] = entry;
  }

  void grow() {
    auto old = std::move(entries_);
    uint64_t capacity = mask_ + 1;
    allocate(capacity * 2);
    for (uint64_t i = 0; i < capacity; ++i) {
      if (old[i] != 0) place(old[i]);
    }
  }

  store::ZeroedMemory<uint64_t> entries_{nullptr, {0}};  // hash << 32 | position + 1; 0: free
  uint64_t mask_ = 0;
  uint64_t size_ = 0;
};

}  // namespace lode::gold
