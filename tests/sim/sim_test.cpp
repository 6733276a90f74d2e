#include <gtest/gtest.h>

#include "sim/run.h"

namespace lode::sim {
namespace {

TEST(Simulator, ABatchOfSeedsHolds) {
  const auto failure = run_seeds(1, 1000);
  EXPECT_FALSE(failure) << "seed " << failure->seed << ": " << failure->what;
}

// The seeds that found faults, of the library or of the group around it, each under the schedules of its day.
// Faults that need no schedule have unit tests, too (tests/unit/raft).
struct FoundFault {
  const char* cure;
  uint64_t seed;
};
constexpr FoundFault kFoundFaults[] = {
    {"a run of entries on disk is told without the cookie of its first", 18},
    {"a standby votes", 10},
    {"no floor of 1", 760},
    {"stale refusals are dropped", 198},
    {"entries below the floor are skipped", 348},
    {"a leader is not removed", 58},
    {"a pre-vote for an old term is answered with the newer one", 164},
    {"a sole voter starts in a new term", 265},
    {"a standby knows that it belongs before it is promoted", 157},
    {"a write that a truncation overtook is not counted", 1164},
    {"a proposal is lost when another entry is committed in its place, not when it is overwritten", 25018},
    {"the term of a node that was removed ends no other", 4922},
    {"a refusal in a newer term is heeded, however old what it refuses", 42496},
};

TEST(Simulator, SeedsOfFaultsThatWereFoundHold) {
  for (const FoundFault& fault : kFoundFaults) {
    const auto failure = run_seed(fault.seed);
    EXPECT_FALSE(failure) << fault.cure << ", seed " << fault.seed << ": " << failure->what;
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
