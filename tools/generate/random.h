// A small seeded random source. Same seed, same numbers, on every machine. Not for secrets; not thread-safe.
#pragma once

#include <cstdint>

namespace lode::generate {

// The splitmix64 finalizer: a well-mixed function of one number.
inline uint64_t mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15ull;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ull;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebull;
  return value ^ (value >> 31);
}

class Random {
 public:
  explicit Random(uint64_t seed) : state_(mix(seed)) {}
  // A source of its own for the thing numbered `number`, so that each thing is a pure function of seed and
  // number.
  Random(uint64_t seed, uint64_t number) : state_(mix(mix(seed) ^ mix(~number))) {}

  uint64_t next() { return mix(state_++); }
  // 0 to bound - 1; bound is not 0.
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(((next() >> 32) * bound) >> 32); }
  int32_t between(int32_t low, int32_t high) {
    return low + static_cast<int32_t>(below(static_cast<uint32_t>(high - low + 1)));
  }
  bool one_in(uint32_t n) { return below(n) == 0; }

 private:
  uint64_t state_;
};

}  // namespace lode::generate
