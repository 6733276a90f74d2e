#include "store/hash_filter.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <new>

namespace lode::store {

namespace {

// Six bits for each of the eight words, from parts of the hash that don't choose the block.
uint64_t probes(const Hash96& key) {
  return (static_cast<uint64_t>(key.low) << 32 | (key.high >> 32)) * 0x9e3779b97f4a7c15u;
}

uint64_t bit(uint64_t probe, unsigned word) { return uint64_t{1} << ((probe >> (16 + 6 * word)) & 63); }

}  // namespace

void HashFilter::Unmap::operator()(Block* words) const { munmap(words, bytes); }

HashFilter::HashFilter(uint64_t expected_keys)
    : blocks_(std::bit_ceil(std::max<uint64_t>(expected_keys / kKeysPerBlock, 1))) {
  // Fresh pages are zero, and cost nothing until they are used.
  size_t bytes = memory_bytes();
  void* words = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (words == MAP_FAILED) throw std::bad_alloc();
  // Every lookup is a random access: large pages spare the second miss, for the page table.
  madvise(words, bytes, MADV_HUGEPAGE);
  words_ = {static_cast<Block*>(words), Unmap{bytes}};
}

bool HashFilter::may_contain(const Hash96& key) const {
  const Block& at = words_[block(key)];
  uint64_t probe = probes(key);
  uint64_t missing = 0;
  for (unsigned word = 0; word < 8; ++word) {
    uint64_t wanted = bit(probe, word);
    missing |= ~at.words[word] & wanted;
  }
  return missing == 0;
}

void HashFilter::insert(const Hash96& key) {
  Block& at = words_[block(key)];
  uint64_t probe = probes(key);
  for (unsigned word = 0; word < 8; ++word) at.words[word] |= bit(probe, word);
}

void HashFilter::insert_shared(const Hash96& key) {
  Block& at = words_[block(key)];
  uint64_t probe = probes(key);
  for (unsigned word = 0; word < 8; ++word) {
    std::atomic_ref(at.words[word]).fetch_or(bit(probe, word), std::memory_order_relaxed);
  }
}

}  // namespace lode::store
