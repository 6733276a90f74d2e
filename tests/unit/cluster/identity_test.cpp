#include "cluster/identity.h"

#include <gtest/gtest.h>

#include "cluster/members.h"
#include "log/memory_log.h"
#include "record/batch.h"

namespace lode::cluster {
namespace {

TEST(Identity, IsThereAgainAfterAStart) {
  log::MemoryLog log;
  peer::ClusterId id;
  {
    Identity identity(log);
    EXPECT_TRUE(identity.cluster().none());
    id = random_cluster_id();
    identity.set_cluster(id);
    identity.add_members({1, 2});
    identity.add_members({2, 3});
    identity.add_joined({2});
    identity.set_founding({{{2}, "127.0.0.1:1"}, {{3}, "[::1]:2"}});
  }
  Identity identity(log);
  EXPECT_EQ(identity.cluster(), id);
  EXPECT_EQ(identity.members(), (std::set<uint64_t>{1, 2, 3}));
  EXPECT_TRUE(identity.has_joined({2}));
  EXPECT_FALSE(identity.has_joined({3}));
  ASSERT_EQ(identity.founding().size(), 2u);
  EXPECT_EQ(identity.founding()[1].address, "[::1]:2");
  identity.set_founding({});
  EXPECT_TRUE(Identity(log).founding().empty());
}

TEST(Identity, DamageIsSaid) {
  log::MemoryLog log;
  log.put_meta("cluster/id", "short");
  EXPECT_THROW(Identity{log}, record::Corruption);
  log::MemoryLog other;
  other.put_meta("cluster/members", "123");
  EXPECT_THROW(Identity{other}, record::Corruption);
}

raft::Configuration configuration_of(std::vector<std::pair<uint64_t, std::string>> servers) {
  raft::Configuration out;
  for (auto& [id, address] : servers) out.servers.push_back({{id}, address, raft::Role::voter});
  return out;
}

TEST(Members, TheOperatorsAddressWinsThenTheNodesOwn) {
  Members members({1}, {{{2}, "gate:2"}});
  members.configure(configuration_of({{1, "a:1"}, {2, "b:2"}, {3, "c:3"}}), 0);
  members.told_address({2}, "moved:2");
  members.told_address({3}, "moved:3");
  EXPECT_EQ(members.address_of({2}), "gate:2");
  EXPECT_EQ(members.address_of({3}), "moved:3");
  EXPECT_EQ(members.peers(0), (std::vector<peer::Peer>{{{2}, "gate:2"}, {{3}, "moved:3"}}));
}

TEST(Members, WhoLeavesIsCalledForAWhileToHearOfIt) {
  Members members({1}, {});
  members.configure(configuration_of({{1, "a:1"}, {2, "b:2"}}), 0);
  members.configure(configuration_of({{1, "a:1"}}), 1'000'000);
  EXPECT_EQ(members.peers(2'000'000).size(), 1u);
  EXPECT_TRUE(members.peers(70'000'000).empty());
  members.configure(configuration_of({{1, "a:1"}, {2, "b:2"}}), 2'000'000);
  EXPECT_EQ(members.peers(70'000'000).size(), 1u);
}

}  // namespace
}  // namespace lode::cluster
