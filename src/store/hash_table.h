// Hash -> a few 32-bit words, open-addressed: the memory side of the hash index and of the dictionary. A
// slot's place follows the hash's own order, so that sorting the table is nearly free. Not thread-safe;
// concurrent finds are fine.
#pragma once

#include <cstdint>
#include <functional>

#include "store/hash96.h"
#include "store/prefetch.h"
#include "store/zeroed_memory.h"

namespace lode::store {

class HashTable {
 public:
  // `payload_words` words belong to each key; the last of them is never 0 (it marks a slot that is taken).
  explicit HashTable(unsigned payload_words, uint64_t expected_keys = 0);

  // The payload, until the next insert; null without one.
  const uint32_t* find(const Hash96& key) const;
  void insert(const Hash96& key, const uint32_t* payload);  // the key is not there yet
  // A key is found or placed within two cache lines, mostly.
  void prefetch(const Hash96& key) const {
    const uint32_t* at = slot(home(key));
    lode::store::prefetch(at);
    lode::store::prefetch(at + 16);
  }

  uint64_t size() const { return size_; }
  // Of what is in it, with its share of free slots.
  uint64_t memory_bytes() const { return size_ * stride_ * sizeof(uint32_t) * 3 / 2; }

  using Visit = std::function<void(const Hash96& key, const uint32_t* payload)>;
  void for_each(const Visit& visit) const;         // in no order
  void for_each_sorted(const Visit& visit) const;  // ascending by (high, low)

 private:
  // Slots behind the last home, so that probing needs no wrap-around; a cluster that reaches the end makes it
  // grow.
  static constexpr uint64_t kSlack = 64;

  uint64_t home(const Hash96& key) const {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(key.high) * slots_) >> 64);
  }
  uint32_t* slot(uint64_t index) const { return words_.get() + index * stride_; }
  bool taken(const uint32_t* slot) const { return slot[stride_ - 1] != 0; }
  bool place(const Hash96& key, const uint32_t* payload);
  void allocate(uint64_t slots);
  void grow();

  unsigned stride_;
  uint64_t slots_ = 0;
  uint64_t size_ = 0;
  ZeroedMemory<uint32_t> words_;
};

}  // namespace lode::store
