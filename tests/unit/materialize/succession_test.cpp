// One ruleset after another on one node: builds that are slow, cut short, impossible; states from elsewhere.
#include "materialize/succession.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "property/succession_node.h"

namespace lode::materialize {
namespace {

using test::Node;
using testing::HasSubstr;

std::string purchase(int number) {
  std::string n = std::to_string(number);
  return R"({"event_id":"p)" + n +
         R"(","type":"purchase","occurred_at":"2011-01-05T08:26:00Z","order_id":"o)" + n +
         R"(","currency":"GBP","lines":[{"sku":"A","quantity":1,"unit_price":"2"}]})";
}

const Ruleset kOld = test::rules_with("none"), kNew = test::rules_with("A");

// Waits for what another thread does.
void until(const std::function<bool()>& so) {
  while (!so()) std::this_thread::yield();
}

class SuccessionTest : public testing::Test {
 protected:
  void purchases(Node& node, int count) {
    for (int i = 0; i < count; ++i) node.append(test::batch_of({purchase(++number_)}));
  }
  static void steps(Node& node, int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(node.step());
  }
  // What the node's rows must be.
  static std::string rows_of(const Node& node, const Ruleset& rules) {
    auto open = [](const auto&) { return std::make_unique<store::MemoryDisk>(test::families()); };
    Generation anew(rules, node.hasher, {}, open);
    EntryDecoder decoder(node.hasher);
    node.log.scan(test::kOnlyGroup, {1}, [&](const log::StoredEntry& stored) {
      if (stored.index.value > node.entry()) return false;
      anew.materializer().apply(decoder.decode(stored.index, stored.type, stored.payload)->entry, nullptr);
      return true;
    });
    return anew.materializer().state_hash().digests.all().hex();
  }

  int number_ = 0;
};

TEST_F(SuccessionTest, ApplyWaitsAtTheSwitchForABuildThatIsNotThere) {
  Node node(kOld);
  node.start(0);
  purchases(node, 3);
  node.append(test::announce_of(kNew));
  node.append(test::switch_to(kNew, 4));
  purchases(node, 1);
  node.folders.close_gate(1);
  steps(node, 4);
  auto before = node.succession->current().get();
  auto applied = std::async(std::launch::async, [&] { return node.step(); });
  until([&] { return node.succession->build()->waited_for; });
  EXPECT_EQ(node.succession->current().get(), before);
  EXPECT_EQ(node.entry(), 4u);
  node.folders.open_gate();
  EXPECT_TRUE(applied.get());
  EXPECT_EQ(node.hash(), rows_of(node, kNew));
  EXPECT_FALSE(node.succession->build());
  steps(node, 1);
  EXPECT_EQ(node.hash(), rows_of(node, kNew));
  EXPECT_EQ(before->materializer().applied_entry().value, 4u);
  node.succession->tidy();
  EXPECT_EQ(node.folders.numbers(), (std::vector<uint64_t>{0, 1})) << "somebody still reads";
  before.reset();
  EXPECT_EQ(node.folders.numbers(), (std::vector<uint64_t>{1}));
}

// Two replays, of which the second one puts away what somebody began to read before the first.
TEST_F(SuccessionTest, AFormerGenerationStaysUntilItsLastReaderIsGone) {
  Node node(kOld);
  node.start(0);
  purchases(node, 3);
  steps(node, 3);
  auto replace = [&] {
    const uint64_t folder = node.succession->take_folder();
    node.succession->bystanders().put({folder, Bystander::Role::building, {0, 0, 0, kOld.hash()}, 0});
    auto next = node.folders.open(kOld, folder);
    EntryDecoder decoder(node.hasher);
    node.log.scan(test::kOnlyGroup, {1}, [&](const log::StoredEntry& stored) {
      next->materializer().apply(decoder.decode(stored.index, stored.type, stored.payload)->entry, nullptr);
      return true;
    });
    {
      const auto held = node.succession->current().hold();
      node.succession->replace(std::move(next), folder, held);
    }
    node.succession->tidy();
  };
  auto reader = node.succession->current().get();
  replace();
  replace();
  EXPECT_EQ(node.folders.numbers(), (std::vector<uint64_t>{0, 1, 2})) << "somebody still reads";
  EXPECT_FALSE(node.succession->bystanders().find(0));
  reader.reset();
  EXPECT_EQ(node.folders.numbers(), (std::vector<uint64_t>{1, 2}));
  reader = node.succession->current().get();
  replace();
  node.succession->remove_bystander(2);  // an operator drops it
  EXPECT_EQ(node.folders.numbers(), (std::vector<uint64_t>{2, 3}));
  reader.reset();
  EXPECT_EQ(node.folders.numbers(), (std::vector<uint64_t>{3}));
}

TEST_F(SuccessionTest, WhoeverWaitsForABuildCanBeStopped) {
  Node node(kOld);
  node.start(0);
  node.append(test::announce_of(kNew));
  node.append(test::switch_to(kNew, 1));
  purchases(node, 1);
  node.folders.close_gate(1);
  steps(node, 1);
  auto applied = std::async(std::launch::async, [&] { return node.step(); });
  until([&] { return node.succession->build()->waited_for; });
  node.succession->interrupt();
  EXPECT_FALSE(applied.get());
  EXPECT_FALSE(node.step()) << "nothing is applied behind an entry that is not";
  node.folders.open_gate();
  node.kill();
  node.start(3);
  EXPECT_EQ(node.entry(), 3u);
  EXPECT_EQ(node.hash(), rows_of(node, kNew));
}

TEST_F(SuccessionTest, ABuildThatWasCutShortGoesOn) {
  Node node(kOld, {.epoch_events = 2});
  node.start(0);
  purchases(node, 20);
  steps(node, 20);
  node.append(test::announce_of(kNew));
  steps(node, 1);
  until([&] { return node.succession->build()->entry.value == 21; });
  node.kill();
  const auto on_disk = store::checkpoint_of(*node.folders.disk_of(1)->snapshot());
  EXPECT_GT(on_disk.entry_index, 0u);
  node.start(21);
  ASSERT_TRUE(node.succession->build());
  EXPECT_EQ(node.succession->build()->announced.value, 21u);
  until([&] { return node.succession->build()->entry.value >= on_disk.entry_index; });
  node.append(test::switch_to(kNew, 21));
  steps(node, 1);
  EXPECT_EQ(node.succession->controls().active.entry, 22u);
  EXPECT_EQ(node.hash(), rows_of(node, kNew));
}

TEST_F(SuccessionTest, OnlyTheLastAnnounceCanBeSwitchedTo) {
  Node node(kOld);
  node.start(0);
  node.append(test::announce_of(kNew));
  node.append(test::announce_of(test::rules_with("B")));
  node.append(test::switch_to(kNew, 1));
  node.append(test::announce_of(kOld));
  node.append(test::switch_to(test::rules_with("B"), 2));
  steps(node, 3);
  EXPECT_EQ(node.generation().ruleset_hash(), kOld.hash());
  EXPECT_EQ(node.succession->build()->ruleset_hash, test::rules_with("B").hash());
  steps(node, 1);
  EXPECT_FALSE(node.succession->build()) << "taken back";
  steps(node, 1);
  EXPECT_EQ(node.generation().ruleset_hash(), kOld.hash());
  node.succession->tidy();
  EXPECT_EQ(node.folders.numbers(), (std::vector<uint64_t>{0}));
}

TEST_F(SuccessionTest, OtherWordsForTheSameRowsHoldAtOnce) {
  Node node(kOld);
  node.start(0);
  node.append(test::announce_of(kNew));
  Ruleset words = kOld;
  words.views[0].description = "other words";
  ASSERT_EQ(words.hash(), kOld.hash());
  node.append(test::announce_of(words));
  steps(node, 2);
  EXPECT_FALSE(node.succession->build()) << "what was being built is taken back";
  EXPECT_EQ(node.succession->controls().active.text, words.encode());
  node.kill();
  node.start(2);
  EXPECT_EQ(node.succession->controls().active.text, words.encode());
  EXPECT_EQ(node.generation().ruleset().views[0].description, "other words");
}

TEST_F(SuccessionTest, WhatCannotBeBuiltHereIsToldAndWaitedFor) {
  Node node(kOld);
  node.start(0);
  record::Control other{record::Control::Kind::announce, kNew.hash() + 1, {}, kNew.encode(), 0};
  node.append({log::EntryType::control, other.encode()});
  other = {record::Control::Kind::switch_, kNew.hash() + 1, {1}, "", 0};
  node.append({log::EntryType::control, other.encode()});
  steps(node, 1);
  until([&] { return !node.succession->build()->trouble.empty(); });
  EXPECT_THAT(node.succession->build()->trouble, HasSubstr("other rows with this program"));
  EXPECT_FALSE(node.succession->build()->is_near());
  auto applied = std::async(std::launch::async, [&] { return node.step(); });
  until([&] { return node.succession->build()->waited_for; });
  node.succession->interrupt();
  EXPECT_FALSE(applied.get());
}

TEST_F(SuccessionTest, ALogWithoutItsBeginningBuildsNothing) {
  Node node(kOld);
  node.start(0);
  purchases(node, 3);
  steps(node, 3);
  node.append(test::announce_of(kNew));
  node.log.truncate_prefix(test::kOnlyGroup, {3});
  steps(node, 1);
  until([&] { return !node.succession->build()->trouble.empty(); });
  EXPECT_THAT(node.succession->build()->trouble, HasSubstr("entries 1 to 2 are not in it any more"));
}

// A follower that is far behind, waiting in vain at a switch, takes a state in which it has happened.
TEST_F(SuccessionTest, AStateFromElsewhereTakesThePlaceOfWhatIsHere) {
  Node leader(kOld), follower(kOld);
  leader.start(0);
  follower.start(0);
  purchases(leader, 2);
  leader.append(test::announce_of(kNew));
  leader.append(test::switch_to(kNew, 3));
  purchases(leader, 2);
  for (uint64_t i = 1; i <= 6; ++i) {
    auto stored = leader.log.read(test::kOnlyGroup, {i});
    follower.append({stored->type, stored->payload});
  }
  steps(leader, 5);
  leader.generation().materializer().checkpoint();
  auto files = leader.folders.disk_of(1);
  auto place = [&](uint64_t folder) { follower.folders.put(folder, files); };
  follower.folders.close_gate(1);
  steps(follower, 3);
  auto applied = std::async(std::launch::async, [&] { return follower.step(); });
  until([&] { return follower.succession->build()->waited_for; });

  ControlState wrong = leader.succession->controls();
  wrong.active.text = kOld.encode();
  wrong.active.hash = kOld.hash();
  EXPECT_THROW(follower.succession->adopt(wrong.encode(), [](uint64_t) {}), std::runtime_error)
      << "an empty state is behind";
  std::thread gate([&] {  // the build that is given up is still at it
    until([&] { return !follower.succession->build(); });
    follower.folders.open_gate();
  });
  follower.succession->adopt(leader.succession->controls().encode(), place);
  gate.join();
  EXPECT_FALSE(applied.get()) << "it came with the state";
  EXPECT_EQ(follower.entry(), 5u);
  EXPECT_EQ(follower.applied.get().offset, 2);
  steps(follower, 1);
  steps(leader, 1);
  EXPECT_EQ(follower.hash(), leader.hash());
  EXPECT_EQ(follower.hash(), rows_of(follower, kNew));
  EXPECT_THROW(follower.succession->adopt(leader.succession->controls().encode(), place), std::runtime_error)
      << "behind";
  leader.kill();
  follower.kill();
  follower.start(6);
  EXPECT_EQ(follower.hash(), rows_of(follower, kNew));
}

TEST_F(SuccessionTest, FilesSeedALogAndNothingElse) {
  Node node(kNew);
  ControlState::seeded(kOld, kNewestLevel).save(node.log);
  purchases(node, 2);
  node.start(2);
  EXPECT_EQ(node.generation().ruleset_hash(), kOld.hash());
  EXPECT_EQ(node.succession->controls().level, kNewestLevel);
}

// No control can say so there.
TEST_F(SuccessionTest, AtTheFirstLevelALoneNodeTakesItsFiles) {
  for (bool alone : {true, false}) {
    Node node(kNew);
    node.alone = alone;
    ControlState::seeded(kOld, 1).save(node.log);
    purchases(node, 2);
    node.start(2);
    EXPECT_EQ(node.generation().ruleset_hash(), (alone ? kNew : kOld).hash());
    EXPECT_EQ(node.hash(), rows_of(node, alone ? kNew : kOld));
  }
}

TEST_F(SuccessionTest, ALogOfAnEarlierProgramIsAtTheFirstLevel) {
  Node node(kOld);
  purchases(node, 2);
  node.start(2);
  EXPECT_EQ(node.succession->controls().level, 1u);
  node.append(test::level_of(2));
  steps(node, 1);
  EXPECT_EQ(node.succession->controls().level, 2u);
  node.append(test::level_of(1));
  steps(node, 1);
  EXPECT_EQ(node.succession->controls().level, 2u) << "it never goes down";
  node.append(test::level_of(kNewestLevel + 1));
  EXPECT_THROW(node.step(), std::runtime_error);
  node.kill();
  node.start(4);
  EXPECT_EQ(node.succession->controls().level, 2u);
}

TEST_F(SuccessionTest, RowsThisProgramCannotMakeAreNotServed) {
  ControlState other = ControlState::seeded(kOld, kNewestLevel);
  ++other.active.hash;
  Node one(kNew), many(kNew);
  other.save(one.log);
  other.save(many.log);
  many.alone = false;
  EXPECT_THROW(many.start(0), std::runtime_error);
  one.start(0);
  EXPECT_EQ(one.generation().ruleset_hash(), kNew.hash());
}

}  // namespace
}  // namespace lode::materialize
