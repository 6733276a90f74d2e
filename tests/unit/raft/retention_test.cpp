// How much of the log may go.
#include "raft/retention.h"

#include <gtest/gtest.h>

namespace lode::raft {
namespace {

std::string text(const Prunable& prunable) {
  return std::to_string(prunable.index.value) + (prunable.held_by.empty() ? "" : ": " + prunable.held_by);
}

std::string decide(const Retention& retention, uint64_t floor = 0) {
  return text(prunable(retention, {floor}));
}

TEST(Retention, DropsWhatIsWanted) {
  EXPECT_EQ(decide({.wanted = {50}, .durable = {80}, .held = {}, .peers = {}}), "50");
  EXPECT_EQ(decide({.wanted = {50}, .durable = {50}, .held = {{50}}, .peers = {{{2}, true, {50}}}}), "50");
  EXPECT_EQ(decide({.wanted = {0}, .durable = {80}, .held = {}, .peers = {}}), "0");
}

TEST(Retention, KeepsWhatAStartWouldReplay) {
  EXPECT_EQ(decide({.wanted = {50}, .durable = {40}, .held = {}, .peers = {}}),
            "40: the state on the disk is at entry 40");
  EXPECT_EQ(decide({.wanted = {50}, .durable = {0}, .held = {}, .peers = {}}),
            "0: the state on the disk is at entry 0");
}

TEST(Retention, KeepsWhatFollowsAStateThatIsBeingRead) {
  EXPECT_EQ(decide({.wanted = {50}, .durable = {60}, .held = {{30}}, .peers = {}}),
            "30: a state at entry 30 is being read by another node");
}

TEST(Retention, KeepsWhatAnotherStateIsStillMadeOf) {
  EXPECT_EQ(decide({.wanted = {50}, .durable = {60}, .held = {}, .rebuilt = {{7}}, .peers = {}}),
            "7: the log is being read to make a state anew");
}

TEST(Retention, AConnectedPeerThatIsBehindHoldsIt) {
  EXPECT_EQ(
      decide({.wanted = {50}, .durable = {60}, .held = {}, .peers = {{{2}, true, {90}}, {{3}, true, {20}}}}),
      "20: node 3 is connected and has the log up to entry 20");
  EXPECT_EQ(decide({.wanted = {50}, .durable = {60}, .held = {}, .peers = {{{3}, false, {20}}}}), "50");
  EXPECT_EQ(decide({.wanted = {50}, .durable = {60}, .held = {}, .peers = {{{3}, true, {0}}}}),
            "0: node 3 is connected and has not said how much it has");
}

TEST(Retention, APeerBelowTheFloorGetsAStateAnyway) {
  const Retention retention{.wanted = {50}, .durable = {60}, .held = {}, .peers = {{{3}, true, {20}}}};
  EXPECT_EQ(decide(retention, 21), "50");
  EXPECT_EQ(decide(retention, 20), "0: node 3 is connected and has the log up to entry 20");
}

TEST(Retention, NothingBelowTheFloorIsToBeDropped) {
  EXPECT_EQ(decide({.wanted = {50}, .durable = {60}, .held = {}, .peers = {}}, 50), "0");
  EXPECT_EQ(decide({.wanted = {50}, .durable = {60}, .held = {{45}}, .peers = {}}, 45),
            "0: a state at entry 45 is being read by another node");
}

TEST(Retention, TakesThePeersFromALeadersStatus) {
  Status status;
  status.peers = {
      {{{1}, "", Role::voter}, {99}}, {{{2}, "", Role::voter}, {7}}, {{{3}, "", Role::standby}, {8}}};
  const auto positions = positions_of(status, {1}, {{3}});
  ASSERT_EQ(positions.size(), 2u);
  EXPECT_EQ(positions[0].id, NodeId{2});
  EXPECT_FALSE(positions[0].connected);
  EXPECT_EQ(positions[1].match.value, 8u);
  EXPECT_TRUE(positions[1].connected);
}

}  // namespace
}  // namespace lode::raft
