// Runs seeds one by one.
#pragma once

#include <optional>
#include <string>

#include "sim/faults.h"

namespace lode::sim {

struct Failure {
  uint64_t seed;
  std::string what;
};

// What went wrong with this seed; nothing when all held.
std::optional<Failure> run_seed(uint64_t seed, Mistake mistake = Mistake::none, bool tracing = false);
// The first failure of `count` seeds from `first` on.
std::optional<Failure> run_seeds(uint64_t first, uint64_t count, Mistake mistake = Mistake::none);

}  // namespace lode::sim
