#include "sim/run.h"

#include "sim/world.h"

namespace lode::sim {

std::optional<Failure> run_seed(uint64_t seed, Mistake mistake, bool tracing) {
  try {
    World(seed, mistake, tracing).run();
    return std::nullopt;
  } catch (const std::exception& error) {
    return Failure{seed, error.what()};
  }
}

std::optional<Failure> run_seeds(uint64_t first, uint64_t count, Mistake mistake) {
  for (uint64_t seed = first; seed < first + count; ++seed) {
    if (auto failure = run_seed(seed, mistake)) return failure;
  }
  return std::nullopt;
}

}  // namespace lode::sim
