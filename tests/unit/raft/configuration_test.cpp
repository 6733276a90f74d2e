#include "raft/configuration.h"

#include <gtest/gtest.h>

#include "raft/changes.h"
#include "raft/engine.h"
#include "raft/snapshot.h"

namespace lode::raft {
namespace {

const Configuration kThree{
    {{{1}, "a:1", Role::voter}, {{2}, "b:2", Role::voter}, {{9}, "c:3", Role::standby}}};

TEST(Configuration, ComesBackFromItsBytes) {
  EXPECT_EQ(decode_configuration(encode(kThree)), kThree);
  EXPECT_EQ(decode_configuration(encode(Configuration{})), Configuration{});
}

TEST(Configuration, BrokenBytesAreRefused) {
  const std::string bytes = encode(kThree);
  for (const size_t size : {0u, 1u, 8u, 9u, 20u})
    EXPECT_FALSE(decode_configuration(bytes.substr(0, size))) << size;
  std::string many = bytes;
  many[8] = '\x7f';  // the number of servers
  EXPECT_FALSE(decode_configuration(many));
  std::string version = bytes;
  version[0] = 77;
  EXPECT_FALSE(decode_configuration(version));
}

TEST(Configuration, TwoServersWithOneIdCantBeWritten) {
  EXPECT_THROW(encode(Configuration{{{{1}, "a:1"}, {{1}, "b:1"}}}), std::invalid_argument);
}

TEST(Configuration, CountsVoters) {
  EXPECT_EQ(voters(kThree), 2u);
  EXPECT_TRUE(is_voter(kThree, {2}));
  EXPECT_FALSE(is_voter(kThree, {9}));
  EXPECT_FALSE(is_sole_voter(kThree, {1}));
  EXPECT_TRUE(is_sole_voter({{{{1}, "a:1"}, {{9}, "c:3", Role::standby}}}, {1}));
}

TEST(Snapshot, ComesBackFromItsBytes) {
  const Snapshot snapshot{{1ull << 40}, {7}, kThree, {12}};
  EXPECT_EQ(decode_snapshot(encode(snapshot)), snapshot);
  EXPECT_FALSE(decode_snapshot(encode(snapshot).substr(0, 30)));
  EXPECT_FALSE(decode_snapshot(""));
}

TEST(Changes, KnowTheConfigurationAtAnyIndex) {
  const Configuration one{{{{1}, "a:1"}}};
  Changes changes;
  changes.reset(std::nullopt);
  EXPECT_EQ(changes.as_of({5}).first.value, 0u);
  changes.add({1}, encode(one));
  changes.add({7}, encode(kThree));
  EXPECT_EQ(changes.as_of({6}), std::pair(record::EntryIndex{1}, one));
  EXPECT_EQ(changes.as_of({7}), std::pair(record::EntryIndex{7}, kThree));
  EXPECT_EQ(changes.at({6}), nullptr);
  changes.truncate({7});
  EXPECT_EQ(changes.as_of({9}).first.value, 1u);
  changes.add({7}, encode(kThree));
  changes.forget({8});
  EXPECT_EQ(changes.as_of({8}).first.value, 7u);
  EXPECT_EQ(changes.as_of({6}).first.value, 0u);
  EXPECT_THROW(changes.add({9}, "nonsense"), Broken);
}

}  // namespace
}  // namespace lode::raft
