// "Surely not there" for hashes: a blocked Bloom filter, one cache line a key, eight bits set in it. At its
// capacity it has 16 bits a key and errs about once in a thousand. Never forgets a key.
#pragma once

#include <cstdint>

#include "store/prefetch.h"
#include "store/zeroed_memory.h"

namespace lode::store {

class HashFilter {
 public:
  explicit HashFilter(uint64_t expected_keys);  // capacity: the next power of two

  uint64_t capacity() const { return blocks_ * kKeysPerBlock; }

  bool may_contain(uint64_t hash) const;
  void insert(uint64_t hash);  // no other thread may use the filter meanwhile
  void prefetch(uint64_t hash) const { lode::store::prefetch(&lines_[block(hash)]); }

 private:
  static constexpr uint64_t kKeysPerBlock = 32;
  struct alignas(64) Block {
    uint64_t words[8];
  };
  uint64_t block(uint64_t hash) const { return hash >> shift_; }

  uint64_t blocks_;  // a power of two, 2 at least
  unsigned shift_;
  ZeroedMemory<Block> lines_;
};

}  // namespace lode::store
