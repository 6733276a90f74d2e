// A leader that hands over with entries on their way tells the other to stand once it has them all.
#include "unit/raft/neighbour.h"

namespace lode::raft {
namespace {

class HandOver : public WithNeighbour {};

TEST_F(HandOver, WaitsForTheLastOfTheEntriesOnTheirWay) {
  add_voter();
  const uint64_t first = propose(), last = propose();
  const record::Term term = sent(last).term;
  ASSERT_TRUE(replica->transfer(kPeer));
  EXPECT_EQ(replica->status().transferring_to, kPeer);
  acknowledge(term, first);
  EXPECT_EQ(mailbox.count<TimeoutNow>(), 0u);
  acknowledge(term, last);
  const auto now = mailbox.wait_for<TimeoutNow>([](const TimeoutNow&) { return true; });
  ASSERT_TRUE(now);
  EXPECT_EQ(now->last_index.value, last);
}

TEST_F(HandOver, BeginsAtOnceWhereNothingIsOnItsWay) {
  add_voter();
  ASSERT_TRUE(replica->transfer(kPeer));
  EXPECT_EQ(mailbox.count<TimeoutNow>(), 1u);
}

}  // namespace
}  // namespace lode::raft
