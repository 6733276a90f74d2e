// All of a run's chance, from its seed.
#pragma once

#include <cstdint>
#include <random>

namespace lode::sim {

class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  uint64_t below(uint64_t n) { return random_() % n; }
  bool chance(uint64_t permille) { return below(1000) < permille; }

 private:
  std::mt19937_64 random_;
};

}  // namespace lode::sim
