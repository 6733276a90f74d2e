// What a leader makes of answers in a newer term.
#include "unit/raft/neighbour.h"

namespace lode::raft {
namespace {

class Answers : public WithNeighbour {
 protected:
  void SetUp() override {
    add_voter();
    term = replica->status().term;
  }
  void refuse(NodeId from, uint64_t later, uint64_t rejected) {
    AppendEntriesResult result;
    result.term = {term.value + later};
    result.rejected = {rejected};
    replica->receive(from, "b:2", result);
  }
  bool leads() const { return replica->status().state == State::leader; }
  record::Term term;
};

// Who stood for that term, in vain, refuses this leader's entries for ever otherwise.
TEST_F(Answers, AnOldRefusalInANewerTermEndsTheLead) {
  refuse(kPeer, 10, 1);
  EXPECT_FALSE(leads());
  EXPECT_EQ(replica->status().term.value, term.value + 10);
}

TEST_F(Answers, TheTermOfANodeThatIsNoMemberEndsNothing) {
  refuse({9}, 10, 1);
  EXPECT_TRUE(leads());
  EXPECT_EQ(replica->status().term, term);
}

}  // namespace
}  // namespace lode::raft
