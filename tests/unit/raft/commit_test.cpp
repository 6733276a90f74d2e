// When an entry counts as committed, and that a peer that has every entry hears of it when it happens, not
// with the next heartbeat.
#include "unit/raft/neighbour.h"

namespace lode::raft {
namespace {

class Commit : public WithNeighbour {
 protected:
  // News of this commit without entries.
  std::optional<AppendEntries> told(uint64_t commit) {
    return mailbox.wait_for<AppendEntries>([commit](const AppendEntries& message) {
      return message.entries.empty() && message.leader_commit.value >= commit;
    });
  }
};

TEST_F(Commit, IsToldAtOnceToAPeerThatHasEverything) {
  add_standby();
  const uint64_t last = propose();
  acknowledge(sent(last).term, last);
  const auto message = told(last);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->leader_commit.value, last);
  EXPECT_EQ(message->prev_index.value, last);
  EXPECT_EQ(message->prev_term, message->term);
}

TEST_F(Commit, IsToldOnce) {
  add_standby();
  const uint64_t last = propose();
  const record::Term term = sent(last).term;
  acknowledge(term, last);
  ASSERT_TRUE(told(last));
  const size_t count = mailbox.count<AppendEntries>();
  for (int i = 0; i < 3; ++i) acknowledge(term, last);
  EXPECT_EQ(mailbox.count<AppendEntries>(), count);
}

TEST_F(Commit, WaitsForTheOtherVoter) {
  add_voter();
  const uint64_t before = replica->status().commit.value, last = propose();
  const record::Term term = sent(last).term;
  wait_persisted(last);
  EXPECT_EQ(replica->status().commit.value, before);
  acknowledge(term, last - 1);
  EXPECT_EQ(replica->status().commit.value, before);
  EXPECT_EQ(replica->status().delivered.value, before) << "nothing is told that the other may not have";
  acknowledge(term, last);
  EXPECT_EQ(replica->status().commit.value, last);
  EXPECT_TRUE(ear.wait_for_entry(last));
  const auto message = told(last);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->leader_commit.value, last);
}

// What it lacks would be refused, and what is on its way tells it anyway.
TEST_F(Commit, IsNotToldApartToAPeerThatLacksEntries) {
  add_voter();
  const uint64_t first = propose();
  const record::Term term = sent(first).term;
  const uint64_t last = propose();
  sent(last);
  wait_persisted(last);
  const size_t count = mailbox.count<AppendEntries>();
  acknowledge(term, first);
  EXPECT_EQ(replica->status().commit.value, first);
  EXPECT_EQ(mailbox.count<AppendEntries>(), count);
  acknowledge(term, last);
  ASSERT_TRUE(told(last));
}

// What a node proposed and lost the lead over.
class Fate : public WithNeighbour {
 protected:
  void SetUp() override {
    add_voter();
    own = propose(7);
    before = sent(own).prev_index;
    term = replica->status().term;
    wait_persisted(own);
  }
  // The peer leads `later` terms after this one: what it sends from the place of the own entry on, all
  // committed up to `commit`.
  void peer_leads(uint64_t later, std::vector<Entry> entries, uint64_t commit) {
    const uint64_t last = before.value + entries.size();
    replica->receive(kPeer, "b:2",
                     AppendEntries{{term.value + later}, before, term, {commit}, std::move(entries)});
    wait_persisted(last);
  }
  Entry entry(uint64_t later) const {
    return {{term.value + later}, log::EntryType::batch, "batch", std::make_shared<char>()};
  }
  uint64_t own = 0;
  record::EntryIndex before;
  record::Term term;
};

// The third node may have it still, and lead.
TEST_F(Fate, OfAnEntryThatIsOverwrittenIsOpen) {
  peer_leads(1, {entry(1)}, before.value);
  peer_leads(2, {entry(0), entry(2)}, own + 1);
  ASSERT_TRUE(ear.wait_for_entry(own + 1));
  EXPECT_EQ(ear.lost(), std::vector<uint64_t>{});
  EXPECT_EQ(ear.cookies(), std::vector<uint64_t>{7});
}

TEST_F(Fate, OfAnEntryIsKnownOnceAnotherIsCommittedInItsPlace) {
  peer_leads(1, {entry(1)}, before.value);
  EXPECT_EQ(ear.lost(), std::vector<uint64_t>{});
  peer_leads(1, {entry(1)}, own);
  ASSERT_TRUE(ear.wait_for_entry(own));
  EXPECT_EQ(ear.lost(), std::vector<uint64_t>{7});
}

// Terms never fall along a log.
TEST_F(Fate, OfAllThatFollowIsKnownOnceAnEntryOfALaterTermIsCommitted) {
  wait_persisted(propose(8));
  peer_leads(1, {entry(1)}, own);
  ASSERT_TRUE(ear.wait_for_entry(own));
  EXPECT_EQ(ear.lost(), (std::vector<uint64_t>{7, 8}));
}

}  // namespace
}  // namespace lode::raft
