#include "store/hash_table.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace lode::store {

namespace {

constexpr unsigned kKeyWords = 3;
constexpr uint64_t kMinimumSlots = 1024;

Hash96 key_at(const uint32_t* slot) { return {(static_cast<uint64_t>(slot[0]) << 32) | slot[1], slot[2]}; }

bool full(uint64_t size, uint64_t slots) { return size * 4 >= slots * 3; }

}  // namespace

HashTable::HashTable(unsigned payload_words, uint64_t expected_keys) : stride_(kKeyWords + payload_words) {
  allocate(std::max(kMinimumSlots, expected_keys + expected_keys / 2));
}

void HashTable::allocate(uint64_t slots) {
  words_ = zeroed_memory<uint32_t>((slots + kSlack) * stride_);
  slots_ = slots;
}

const uint32_t* HashTable::find(const Hash96& key) const {
  uint32_t first = static_cast<uint32_t>(key.high >> 32);
  uint32_t second = static_cast<uint32_t>(key.high);
  const uint32_t* at = slot(home(key));
  const uint32_t* end = slot(slots_ + kSlack);
  for (; at != end && taken(at); at += stride_) {
    if (at[1] == second && at[0] == first && at[2] == key.low) return at + kKeyWords;
  }
  return nullptr;
}

void HashTable::insert(const Hash96& key, const uint32_t* payload) {
  if (full(size_ + 1, slots_)) grow();
  while (!place(key, payload)) grow();
  ++size_;
}

bool HashTable::place(const Hash96& key, const uint32_t* payload) {
  uint32_t* at = slot(home(key));
  const uint32_t* end = slot(slots_ + kSlack);
  while (at != end && taken(at)) at += stride_;
  if (at == end) return false;
  at[0] = static_cast<uint32_t>(key.high >> 32);
  at[1] = static_cast<uint32_t>(key.high);
  at[2] = key.low;
  std::memcpy(at + kKeyWords, payload, (stride_ - kKeyWords) * sizeof(uint32_t));
  return true;
}

void HashTable::grow() {
  uint64_t slots = slots_ * 2;
  HashTable larger(stride_ - kKeyWords);
  for (bool fits = false; !fits; slots *= 2) {
    larger.allocate(slots);
    fits = true;
    for (uint64_t i = 0; fits && i < slots_ + kSlack; ++i) {
      if (taken(slot(i))) fits = larger.place(key_at(slot(i)), slot(i) + kKeyWords);
    }
  }
  words_ = std::move(larger.words_);
  slots_ = larger.slots_;
}

void HashTable::for_each(const Visit& visit) const {
  for (uint64_t i = 0; i < slots_ + kSlack; ++i) {
    if (taken(slot(i))) visit(key_at(slot(i)), slot(i) + kKeyWords);
  }
}

void HashTable::for_each_sorted(const Visit& visit) const {
  // A key can be out of place only within its cluster: the slots between two free ones.
  std::vector<std::pair<Hash96, const uint32_t*>> cluster;
  for (uint64_t i = 0; i <= slots_ + kSlack; ++i) {
    if (i < slots_ + kSlack && taken(slot(i))) {
      cluster.emplace_back(key_at(slot(i)), slot(i) + kKeyWords);
      continue;
    }
    std::sort(cluster.begin(), cluster.end());
    for (const auto& [key, payload] : cluster) visit(key, payload);
    cluster.clear();
  }
}

}  // namespace lode::store
