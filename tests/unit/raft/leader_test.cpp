// Whom a replica names as the leader, and that members can move.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "log/memory_log.h"
#include "raft/configuration.h"
#include "raft/replica.h"

namespace lode::raft {
namespace {

constexpr record::GroupId kGroup{0};
constexpr auto kPatience = std::chrono::seconds(20);
const Server kFirst{{1}, "a:1"}, kSecond{{2}, "b:2", Role::standby}, kThird{{3}, "c:3", Role::standby};

class Nowhere final : public Network {
 public:
  void send(NodeId, const std::string&, Message) override {}
};

class Ear final : public Listener {
 public:
  void committed(std::span<const Committed>) override {}
  void leader_changed(const std::optional<Server>& leader) override {
    std::lock_guard lock(mutex_);
    told_.push_back(leader);
    heard_.notify_all();
  }
  void configured(const Configuration& configuration, record::EntryIndex) override {
    std::lock_guard lock(mutex_);
    configuration_ = configuration;
    heard_.notify_all();
  }
  std::vector<std::optional<Server>> wait_for(size_t count) {
    std::unique_lock lock(mutex_);
    heard_.wait_for(lock, kPatience, [&] { return told_.size() >= count; });
    return told_;
  }
  bool wait_for(const Configuration& configuration) {
    std::unique_lock lock(mutex_);
    return heard_.wait_for(lock, kPatience, [&] { return configuration_ == configuration; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable heard_;
  std::vector<std::optional<Server>> told_;
  Configuration configuration_;
};

ReplicaSettings settings_of(const Server& server) {
  ReplicaSettings settings;
  settings.group.engine.id = server.id;
  settings.group.engine.address = server.address;
  settings.group.engine.election_ms = 50;
  settings.group.engine.heartbeat_ms = 10;
  return settings;
}

using Told = std::vector<std::optional<Server>>;

class WithMembers : public testing::Test {
 protected:
  // A replica of `self` in a group of these; none: of no group yet.
  void start(const Server& self, const std::vector<Server>& members) { start(settings_of(self), members); }
  void start(const ReplicaSettings& settings, const std::vector<Server>& members) {
    if (!members.empty()) bootstrap(log, kGroup, {members});
    replica.emplace(settings, log, kGroup, nowhere, ear);
    replica->start({});
  }
  // The only voter, and leader when it returns.
  void lead(const std::vector<Server>& members) {
    start(members.front(), members);
    ear.wait_for(1);
  }

  log::MemoryLog log;
  Nowhere nowhere;
  Ear ear;
  std::optional<Replica> replica;
};

class Leader : public WithMembers {};
class Readdress : public WithMembers {};

TEST_F(Leader, ANodeThatIsAloneNamesItself) {
  start(kFirst, {kFirst});
  EXPECT_EQ(ear.wait_for(1), Told{kFirst});
  EXPECT_EQ(replica->leader(), kFirst);
}

// The library goes on to name the leader that a node without a vote has last heard from.
TEST_F(Leader, AStandbyThatHearsNothingNamesNobody) {
  start(kSecond, {kFirst, kSecond});
  const AppendEntries heartbeat{{2}, {1}, {1}, {1}, {}};
  replica->receive(kFirst.id, "elsewhere:1", heartbeat);
  EXPECT_EQ(ear.wait_for(2), (Told{kFirst, std::nullopt}));
  EXPECT_EQ(replica->leader(), std::nullopt);
  replica->receive(kFirst.id, "elsewhere:1", heartbeat);
  EXPECT_EQ(ear.wait_for(3).at(2), kFirst);
}

// What was forwarded to it before may be lost, and is sent again by whoever hears of this.
TEST_F(Leader, ThatIsElectedAnewIsToldAnew) {
  ReplicaSettings settings = settings_of(kSecond);
  settings.group.engine.election_ms = 600'000;
  start(settings, {kFirst, kSecond});
  replica->receive(kFirst.id, "a:1", AppendEntries{{2}, {1}, {1}, {1}, {}});
  replica->receive(kFirst.id, "a:1", AppendEntries{{2}, {1}, {1}, {1}, {}});
  replica->receive(kFirst.id, "a:1", AppendEntries{{4}, {1}, {1}, {1}, {}});
  EXPECT_EQ(ear.wait_for(3), (Told{kFirst, std::nullopt, kFirst}));
}

TEST_F(Leader, AnAddressThatTheConfigurationDoesNotHaveIsTheSenders) {
  start(kSecond, {});
  replica->receive(kFirst.id, "a:1", AppendEntries{{2}, {0}, {0}, {0}, {}});
  EXPECT_EQ(ear.wait_for(1).at(0), kFirst);
}

TEST_F(Readdress, AMemberMoves) {
  lead({kFirst, kSecond, kThird});
  EXPECT_EQ(replica->readdress({9}, "d:4"), Changed::no_such_server);
  EXPECT_EQ(replica->readdress({2}, "c:3"), Changed::id_or_address_in_use);
  EXPECT_EQ(replica->readdress({2}, "b:2"), Changed::already_so);
  ASSERT_EQ(replica->readdress({2}, "d:4"), Changed::started);
  const Server moved{{2}, "d:4", Role::standby};
  ASSERT_TRUE(ear.wait_for(Configuration{{kFirst, moved, kThird}}));
  EXPECT_EQ(replica->status().peers.at(0).server, moved);
  ASSERT_EQ(replica->readdress({3}, "b:2"), Changed::started) << "an address that was given up";
}

TEST_F(Readdress, OneChangeAtATime) {
  lead({kFirst, kSecond, kThird});
  replica->receive({2}, "b:2", AppendEntriesResult{replica->status().term, {0}, replica->status().last});
  ASSERT_EQ(replica->promote({2}), Changed::started);
  EXPECT_EQ(replica->readdress({3}, "d:4"), Changed::busy) << "the new voter has not got its own promotion";
}

TEST_F(Readdress, TheLeaderDoesIt) {
  start(kSecond, {kFirst, kSecond});
  EXPECT_EQ(replica->readdress({2}, "d:4"), Changed::not_leader);
}

}  // namespace
}  // namespace lode::raft
