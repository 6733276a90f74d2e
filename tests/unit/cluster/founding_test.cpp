#include "cluster/founding.h"

#include <gtest/gtest.h>

#include "log/memory_log.h"
#include "raft/recovery.h"

namespace lode::cluster {
namespace {

constexpr record::GroupId kGroup{0};

Settings settings_of_two() {
  Settings settings;
  settings.node = {1};
  settings.peers = {{{1}, "a:1"}, {{2}, "b:2"}};
  return settings;
}

TEST(Founding, AClusterBeginsWithOneNodeAndTakesTheOthersIn) {
  log::MemoryLog log;
  Identity identity(log);
  const Settings settings = settings_of_two();
  Founding founding(settings, identity, log);
  const CommandAnswer said = founding.init("a:1");
  ASSERT_EQ(said.status, 200);
  EXPECT_EQ(said.json, R"({"done":false,"cluster":")" + identity.cluster().text() + R"(","nodes":[1,2]})");
  const raft::Configuration alone{{{{1}, "a:1"}}};
  EXPECT_EQ(raft::newest_configuration(raft::recover(log, kGroup)), alone);
  EXPECT_EQ(identity.members(), std::set<uint64_t>{1});
  ASSERT_EQ(identity.founding().size(), 1u);
  EXPECT_EQ(identity.founding()[0].id.value, 2u);

  const CommandAnswer again = founding.init("a:1");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.problem.code, "already_in_cluster");
}

TEST(Founding, OnlyTheNodeThatIsNamedGoesOnAlone) {
  log::MemoryLog log;
  Identity identity(log);
  const Settings settings = settings_of_two();
  Founding founding(settings, identity, log);
  EXPECT_EQ(founding.recover_alone(2, nullptr).problem.code, "wrong_node");
  EXPECT_EQ(founding.recover_alone(1, nullptr).problem.code, "not_in_cluster");
  EXPECT_TRUE(identity.cluster().none());
}

}  // namespace
}  // namespace lode::cluster
