#include "cluster/comparison.h"

#include <gtest/gtest.h>

namespace lode::cluster {
namespace {

constexpr raft::NodeId kOne{1}, kTwo{2}, kThree{3};

TEST(Comparison, EqualHashesAreNoDivergence) {
  Comparison comparison;
  for (const raft::NodeId node : {kOne, kTwo, kThree}) comparison.add(node, {{16, {5}}, {32, {6}}});
  EXPECT_FALSE(comparison.divergence());
  EXPECT_EQ(comparison.agreed({kOne, kTwo, kThree}), 32u);
}

TEST(Comparison, NamesTheNodeThatDiffersAndTheFirstEntry) {
  Comparison comparison;
  comparison.add(kOne, {{16, {5}}, {32, {6}}, {48, {7}}});
  comparison.add(kTwo, {{16, {5}}, {32, {8}}, {48, {9}}});
  comparison.add(kThree, {{16, {5}}, {32, {6}}, {48, {7}}});
  ASSERT_TRUE(comparison.divergence());
  EXPECT_EQ(comparison.divergence()->entry, 32u);
  EXPECT_EQ(comparison.divergence()->nodes, std::vector{kTwo});
  EXPECT_EQ(comparison.agreed({kOne, kTwo, kThree}), 16u);
  EXPECT_EQ(comparison.agreed({kOne, kThree}), 48u);
}

TEST(Comparison, NodesAtOtherEntriesAreNotCompared) {
  Comparison comparison;
  comparison.add(kOne, {{16, {5}}});
  comparison.add(kTwo, {{32, {6}}});
  EXPECT_FALSE(comparison.divergence());
  EXPECT_EQ(comparison.agreed({kOne, kTwo}), 0u);
}

TEST(Comparison, ForgettingTheOneThatDiffersEndsIt) {
  Comparison comparison;
  comparison.add(kOne, {{16, {5}}});
  comparison.add(kTwo, {{16, {6}}});
  comparison.add(kThree, {{16, {6}}});
  ASSERT_TRUE(comparison.divergence());
  EXPECT_EQ(comparison.divergence()->nodes, std::vector{kOne});
  comparison.forget(kOne);
  EXPECT_FALSE(comparison.divergence());
}

}  // namespace
}  // namespace lode::cluster
