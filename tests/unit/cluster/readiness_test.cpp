#include "cluster/readiness.h"

#include <gtest/gtest.h>

namespace lode::cluster {
namespace {

constexpr raft::NodeId kSelf{1}, kOther{2};

class ReadinessTest : public testing::Test {
 protected:
  raft::Status at(uint64_t commit) const {
    raft::Status status;
    status.leader = raft::Server{kOther, "b:2"};
    status.commit = {commit};
    return status;
  }
  env::ManualClock clock{0};
  Readiness readiness{std::chrono::milliseconds(2000), clock};
};

TEST_F(ReadinessTest, ANodeThatHasCaughtUpOnceIsReadyWhereverTheOthersAreThen) {
  readiness.leader_changed(raft::Server{kOther, "b:2"});
  readiness.look(at(0), 0);
  EXPECT_EQ(readiness.trouble(3), "catching up with the cluster: entry 3") << "nothing is known yet";
  readiness.look(at(9), 8);
  EXPECT_NE(readiness.trouble(8), "");
  readiness.look(at(9), 9);
  EXPECT_EQ(readiness.trouble(9), "");
  readiness.look(at(1000), 10);
  EXPECT_EQ(readiness.trouble(10), "");
}

TEST_F(ReadinessTest, AClusterWithoutALeaderIsBorneForAWhile) {
  readiness.leader_changed(raft::Server{kOther, "b:2"});
  readiness.look(at(9), 9);
  clock.advance_micros(60'000'000);
  EXPECT_EQ(readiness.trouble(9), "");
  readiness.leader_changed(std::nullopt);
  clock.advance_micros(2'000'000);
  EXPECT_EQ(readiness.trouble(9), "");
  clock.advance_micros(1);
  EXPECT_NE(readiness.trouble(9).find("no leader"), std::string::npos);
  readiness.leader_changed(raft::Server{kSelf, "a:1"});
  EXPECT_EQ(readiness.trouble(9), "");
}

// The group may tell who leads before its start is through.
TEST_F(ReadinessTest, ALeaderThatIsToldDuringTheStartIsNotForgotten) {
  readiness.leader_changed(raft::Server{kOther, "b:2"});
  readiness.start();
  readiness.look(at(9), 9);
  clock.advance_micros(60'000'000);
  EXPECT_EQ(readiness.trouble(9), "");
}

TEST_F(ReadinessTest, OnlyAnotherLeaderEndsAHandOver) {
  const std::chrono::milliseconds at_once{0};
  EXPECT_FALSE(readiness.wait_for_other_leader(kSelf, at_once));
  readiness.leader_changed(raft::Server{kSelf, "a:1"});
  EXPECT_FALSE(readiness.wait_for_other_leader(kSelf, at_once));
  readiness.leader_changed(raft::Server{kOther, "b:2"});
  EXPECT_TRUE(readiness.wait_for_other_leader(kSelf, at_once));
}

}  // namespace
}  // namespace lode::cluster
