// "Surely not there" for hashes: a blocked Bloom filter, one cache line a key, eight bits set in it. At its
// capacity it has 16 bits a key and errs about once in a thousand. Never forgets a key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "store/hash96.h"

namespace lode::store {

class HashFilter {
 public:
  explicit HashFilter(uint64_t expected_keys);  // capacity: the next power of two

  uint64_t capacity() const { return blocks_ * kKeysPerBlock; }
  uint64_t memory_bytes() const { return blocks_ * sizeof(Block); }

  bool may_contain(const Hash96& key) const;
  void insert(const Hash96& key);         // no other thread may use the filter meanwhile
  void insert_shared(const Hash96& key);  // among other insert_shared() calls of any thread, nothing else
  void prefetch(const Hash96& key) const { __builtin_prefetch(&words_[block(key)], 1); }

 private:
  static constexpr uint64_t kKeysPerBlock = 32;
  struct alignas(64) Block {
    uint64_t words[8];
  };
  struct Unmap {
    size_t bytes;
    void operator()(Block* words) const;
  };

  uint64_t block(const Hash96& key) const { return key.high & (blocks_ - 1); }

  uint64_t blocks_;
  std::unique_ptr<Block[], Unmap> words_;
};

}  // namespace lode::store
