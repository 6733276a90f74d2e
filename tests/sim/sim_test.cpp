#include <gtest/gtest.h>

#include "sim/run.h"

namespace lode::sim {
namespace {

TEST(Simulator, ABatchOfSeedsHolds) {
  const auto failure = run_seeds(1, 1000);
  EXPECT_FALSE(failure) << "seed " << failure->seed << ": " << failure->what;
}

// Seeds that once failed, each by a fault of the library or of the group around it.
TEST(Simulator, SeedsOfFaultsThatWereFoundHold) {
  for (const uint64_t seed : {67, 75, 84, 99, 100, 103, 164, 167, 183, 224, 309, 310, 740}) {
    const auto failure = run_seed(seed);
    EXPECT_FALSE(failure) << "seed " << seed << ": " << failure->what;
  }
}

// Each deliberate mistake is found.
TEST(Simulator, AcknowledgingBeforeTheSyncIsFound) {
  EXPECT_TRUE(run_seeds(1, 300, Mistake::acknowledge_before_sync));
}
TEST(Simulator, ForgettingTheVoteIsFound) { EXPECT_TRUE(run_seeds(1, 5000, Mistake::forget_vote)); }
TEST(Simulator, AChangeInsideOfAMessageIsFound) {
  EXPECT_TRUE(run_seeds(1, 300, Mistake::keep_changes_inside));
}

}  // namespace
}  // namespace lode::sim
