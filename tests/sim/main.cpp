// sim                      the tests, as every other test program
// sim --seeds N [FROM]     N seeds; every failure and the time
// sim --seed S             one seed, with a trace of who led, crashed, changed
// --mistake sync|vote|change before either: with that deliberate mistake
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <iostream>

#include "sim/run.h"

namespace {

using lode::sim::Mistake;

std::optional<Mistake> mistake_named(const std::string& name) {
  if (name == "sync") return Mistake::acknowledge_before_sync;
  if (name == "vote") return Mistake::forget_vote;
  if (name == "change") return Mistake::keep_changes_inside;
  return std::nullopt;
}

int run_many(uint64_t first, uint64_t count, Mistake mistake) {
  const auto start = std::chrono::steady_clock::now();
  uint64_t failed = 0;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    if (const auto failure = lode::sim::run_seed(seed, mistake)) {
      std::cout << "seed " << seed << ": " << failure->what << std::endl;
      ++failed;
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::cout << count - failed << " of " << count << " seeds passed, " << took.count() << " s\n";
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  Mistake mistake = Mistake::none;
  int at = 1;
  if (at + 1 < argc && std::strcmp(argv[at], "--mistake") == 0) {
    const auto named = mistake_named(argv[at + 1]);
    if (!named) {
      std::cerr << "sim: mistakes are sync, vote and change\n";
      return 2;
    }
    mistake = *named;
    at += 2;
  }
  if (at == argc && mistake == Mistake::none) return RUN_ALL_TESTS();
  if (at + 1 < argc && std::strcmp(argv[at], "--seed") == 0) {
    const auto failure = lode::sim::run_seed(std::stoull(argv[at + 1]), mistake, true);
    std::cout << (failure ? failure->what : "passed") << "\n";
    return failure ? 1 : 0;
  }
  if (at + 1 < argc && std::strcmp(argv[at], "--seeds") == 0) {
    return run_many(at + 2 < argc ? std::stoull(argv[at + 2]) : 1, std::stoull(argv[at + 1]), mistake);
  }
  std::cerr << "usage: sim [--mistake sync|vote|change] [--seeds N [FROM] | --seed S]\n";
  return 2;
}
