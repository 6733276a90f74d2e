#include "raft/recovery.h"

#include <gtest/gtest.h>

#include "log/memory_log.h"
#include "raft/configuration.h"
#include "raft/replica.h"

namespace lode::raft {
namespace {

constexpr record::GroupId kGroup{0};
const Configuration kAlone{{{{1}, "a:1"}}};

void append(log::Log& log, uint64_t from, uint64_t count) {
  for (uint64_t i = from; i < from + count; ++i) {
    const log::Entry entry{{i}, {1}, log::EntryType::batch, "x"};
    log.append(kGroup, {&entry, 1});
  }
}

TEST(Recovery, AnEmptyLogIsNobody) {
  log::MemoryLog log;
  const Recovered recovered = recover(log, kGroup);
  EXPECT_FALSE(recovered.is_member());
  EXPECT_EQ(recovered.term.value, 0u);
}

TEST(Recovery, ANewGroupBeginsWithItsConfiguration) {
  log::MemoryLog log;
  bootstrap(log, kGroup, kAlone);
  const Recovered recovered = recover(log, kGroup);
  EXPECT_TRUE(recovered.is_member());
  EXPECT_FALSE(recovered.snapshot);
  EXPECT_EQ(recovered.term.value, 1u);
  EXPECT_EQ(decode_configuration(recovered.changes.at(1)), kAlone);
  EXPECT_THROW(bootstrap(log, kGroup, kAlone), std::logic_error);
}

TEST(Recovery, TheLogOfASingleNodeBecomesAGroupThatBeginsBehindIt) {
  for (const uint64_t count : {1u, 5u}) {
    log::MemoryLog log;
    append(log, 1, count);
    EXPECT_THROW(recover(log, kGroup), std::exception);
    bootstrap(log, kGroup, kAlone);
    const Recovered recovered = recover(log, kGroup);
    ASSERT_TRUE(recovered.snapshot);
    EXPECT_EQ(recovered.snapshot->index.value, std::max<uint64_t>(count, 2));
    EXPECT_EQ(recovered.snapshot->configuration, kAlone);
    EXPECT_TRUE(recovered.terms.empty());
    EXPECT_EQ(log.first_index(kGroup).value, 1u);  // still there to be replayed
    EXPECT_THROW(bootstrap(log, kGroup, kAlone), std::logic_error);
  }
}

std::string refusal(log::Log& log, uint64_t node) {
  try {
    claim(log, kGroup, {node});
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(Recovery, ALogIsOneNodesForEver) {
  log::MemoryLog log;
  EXPECT_EQ(refusal(log, 3), "");  // nobody's yet
  bootstrap(log, kGroup, {{{{1}, "a:1"}, {{2}, "b:1"}}});
  EXPECT_EQ(refusal(log, 2), "");
  EXPECT_EQ(refusal(log, 2), "");
  EXPECT_EQ(refusal(log, 1),
            "the data folder belongs to node 2, and cluster.id says 1: set cluster.id to 2, or give node 1 a "
            "data folder of its own");
  install(log, kGroup, {{9}, {4}, kAlone, {8}});  // it was removed: still its log
  EXPECT_EQ(refusal(log, 2), "");
  EXPECT_NE(refusal(log, 1), "");
}

TEST(Recovery, ALogWithoutANoteIsItsOnlyMembers) {
  log::MemoryLog fresh, older;
  append(older, 1, 3);
  for (log::MemoryLog* log : {&fresh, &older}) {
    bootstrap(*log, kGroup, kAlone);
    EXPECT_NE(refusal(*log, 2), "");
    EXPECT_EQ(refusal(*log, 1), "");
  }
}

TEST(Recovery, TheVoteComesBack) {
  log::MemoryLog log;
  bootstrap(log, kGroup, kAlone);
  save_vote(log, kGroup, {7}, {3});
  const Recovered recovered = recover(log, kGroup);
  EXPECT_EQ(recovered.term.value, 7u);
  EXPECT_EQ(recovered.vote.value, 3u);
}

TEST(Recovery, AnInstalledSnapshotTakesThePlaceOfTheLog) {
  const Snapshot snapshot{{10}, {4}, kAlone, {6}};
  for (const uint64_t count : {3u, 10u, 12u}) {
    log::MemoryLog log;
    append(log, 1, count);
    install(log, kGroup, snapshot);
    const Recovered recovered = recover(log, kGroup);
    EXPECT_EQ(recovered.snapshot, snapshot);
    EXPECT_TRUE(recovered.terms.empty());
    EXPECT_EQ(recovered.term.value, 4u);
    EXPECT_EQ(log.first_index(kGroup).value, 11u);
    EXPECT_EQ(log.last_index(kGroup).value, 10u);
  }
}

class Forced : public testing::Test, public Network, public Listener {
 protected:
  void send(NodeId to, const std::string&, Message) override { ADD_FAILURE() << "to " << to.value; }
  void committed(std::span<const Committed> entries) override {
    for (const Committed& entry : entries) told_upto = entry.last.value;
  }
  // The replica of a.1 leads, and has told all that the log holds.
  void expect_it_leads_alone() {
    ReplicaSettings settings;
    settings.group.engine.id = {1};
    settings.group.engine.address = "a:1";
    Replica replica(settings, log, kGroup, *this, *this);
    replica.start({});
    const Status status = replica.status();
    EXPECT_EQ(status.state, State::leader);
    EXPECT_EQ(status.configuration, kAlone);
    EXPECT_EQ(status.commit, status.last);
    EXPECT_FALSE(status.changing);
    EXPECT_EQ(told_upto, status.last.value);
    const Proposal one{"y", {}, 1};
    EXPECT_EQ(replica.propose({&one, 1}), Proposed::taken);
  }
  log::MemoryLog log;
  uint64_t told_upto = 0;
};

const Configuration kThree{{{{1}, "a:1"}, {{2}, "b:2"}, {{3}, "c:3"}}};

TEST_F(Forced, OneOfThreeGoesOnAloneWithAllThatItHas) {
  bootstrap(log, kGroup, kThree);
  append(log, 2, 5);
  save_vote(log, kGroup, {7}, {3});
  force_alone(log, kGroup, {{1}, "a:1"});
  const Recovered recovered = recover(log, kGroup);
  EXPECT_EQ(recovered.term.value, 8u);
  EXPECT_EQ(recovered.vote.value, 1u);
  expect_it_leads_alone();
  for (uint64_t index = 2; index <= 6; ++index) EXPECT_EQ(log.read(kGroup, {index})->payload, "x");
}

TEST_F(Forced, AChangeThatWasUnderWayCountsNoMore) {
  bootstrap(log, kGroup, kThree);
  Configuration four = kThree;
  four.servers.push_back({{4}, "d:4", Role::standby});
  const std::string payload = encode(four);
  const log::Entry change{{2}, {1}, log::EntryType::change, payload};
  log.append(kGroup, {&change, 1});
  force_alone(log, kGroup, {{1}, "a:1", Role::standby});
  force_alone(log, kGroup, {{1}, "a:1"});  // again, as after a crash in between
  expect_it_leads_alone();
}

TEST_F(Forced, ALogThatBeginsBehindAFloorGoesOn) {
  raft::install(log, kGroup, {{10}, {4}, kThree, {6}});
  force_alone(log, kGroup, {{1}, "a:1"});
  expect_it_leads_alone();
  EXPECT_EQ(log.first_index(kGroup).value, 11u);
}

TEST_F(Forced, AnEmptyLogIsRefused) {
  EXPECT_THROW(force_alone(log, kGroup, {{1}, "a:1"}), std::logic_error);
  EXPECT_EQ(log.last_index(kGroup).value, 0u);
}

// Died between the floor and the removal of entries.
TEST(Recovery, AnInstallThatWasCutShortIsFinished) {
  log::MemoryLog log;
  append(log, 1, 3);
  save_floor(log, kGroup, {{10}, {4}, kAlone, {6}});
  EXPECT_TRUE(recover(log, kGroup).terms.empty());
  EXPECT_EQ(log.first_index(kGroup).value, 11u);
}

}  // namespace
}  // namespace lode::raft
