#include "materialize/applied.h"

#include <gtest/gtest.h>

namespace lode::materialize {
namespace {

TEST(Applied, CallsWaitersOnceTheirOffsetIsThere) {
  Applied applied;
  std::vector<int> called;
  EXPECT_EQ(applied.wait(-1, [&] { called.push_back(-1); }), 0u) << "offset -1 is always applied";
  EXPECT_NE(applied.wait(3, [&] { called.push_back(3); }), 0u);
  EXPECT_NE(applied.wait(1, [&] { called.push_back(1); }), 0u);
  applied.advance({0, 10});
  EXPECT_EQ(called, (std::vector<int>{-1}));
  applied.advance({2, 20});
  EXPECT_EQ(called, (std::vector<int>{-1, 1}));
  applied.advance({3, 30});
  EXPECT_EQ(called, (std::vector<int>{-1, 1, 3}));
  applied.advance({4, 30});
  EXPECT_EQ(called.size(), 3u);
  EXPECT_EQ(applied.get().offset, 4);
}

TEST(Applied, CancelledWaitersAreNotCalled) {
  Applied applied;
  bool called = false;
  uint64_t ticket = applied.wait(5, [&] { called = true; });
  applied.cancel(ticket);
  applied.advance({9, 0});
  EXPECT_FALSE(called);
}

TEST(Applied, AWaiterMayWaitAgain) {
  Applied applied;
  int calls = 0;
  applied.wait(1, [&] {
    ++calls;
    applied.wait(2, [&] { ++calls; });
  });
  applied.advance({1, 0});
  EXPECT_EQ(calls, 1);
  applied.advance({2, 0});
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace lode::materialize
