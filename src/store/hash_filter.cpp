#include "store/hash_filter.h"

#include <algorithm>
#include <bit>

namespace lode::store {

namespace {

// Six bits for each of the eight words.
uint64_t probes(uint64_t hash) { return hash * 0x9e3779b97f4a7c15u; }

uint64_t bit(uint64_t probe, unsigned word) { return uint64_t{1} << ((probe >> (16 + 6 * word)) & 63); }

}  // namespace

HashFilter::HashFilter(uint64_t expected_keys)
    : blocks_(std::bit_ceil(std::max<uint64_t>(expected_keys / kKeysPerBlock, 2))),
      shift_(64 - static_cast<unsigned>(std::countr_zero(blocks_))),
      lines_(zeroed_memory<Block>(blocks_)) {}

bool HashFilter::may_contain(uint64_t hash) const {
  const Block& at = lines_[block(hash)];
  uint64_t probe = probes(hash);
  uint64_t missing = 0;
  for (unsigned word = 0; word < 8; ++word) {
    uint64_t wanted = bit(probe, word);
    missing |= ~at.words[word] & wanted;
  }
  return missing == 0;
}

void HashFilter::insert(uint64_t hash) {
  Block& at = lines_[block(hash)];
  uint64_t probe = probes(hash);
  for (unsigned word = 0; word < 8; ++word) at.words[word] |= bit(probe, word);
}

}  // namespace lode::store
