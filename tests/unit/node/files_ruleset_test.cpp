// Files and commands: what a start takes over, and what stays as it was applied.
#include "node/files_ruleset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "log/memory_log.h"

namespace lode::node {
namespace {

using materialize::ControlState;
using materialize::Ruleset;

using Views = std::map<std::string, int>;  // by name: which of its declarations

Ruleset rules(const Views& views, const std::string& fee = "") {
  Ruleset out;
  out.silver.fee_skus = {fee};
  for (const auto& [name, number] : views)
    out.views.push_back(gold::parse_view("name = \"" + name +
                                             "\"\nsource = \"order_lines\"\nkeys = [\"sku\"]\n"
                                             "measures = [ { name = \"m" +
                                             std::to_string(number) +
                                             "\", sum = \"quantity\", kinds = [\"sale\"] } ]",
                                         name));
  return out;
}

Views views(const Ruleset& ruleset) {
  Views out;
  for (const gold::View& view : ruleset.views) out[view.name] = std::stoi(view.measures[0].name.substr(1));
  return out;
}

class FilesRulesetTest : public testing::Test {
 protected:
  void in_force(const Ruleset& ruleset) { ControlState::seeded(ruleset, 2).save(log); }
  // A start with these files, to its end.
  Ruleset start(const Ruleset& files) {
    FilesRuleset start(log, files);
    if (start.have_a_say()) {
      start.announce();
      in_force(start.wanted());
    }
    start.settle();
    return Ruleset::decode(ControlState::load(log)->active.text);
  }

  log::MemoryLog log;
};

TEST_F(FilesRulesetTest, FilesSeedANewLog) {
  FilesRuleset first(log, rules({{"a", 1}}));
  EXPECT_EQ(first.wanted().encode(), rules({{"a", 1}}).encode());
  EXPECT_FALSE(first.have_a_say());
  EXPECT_EQ(first.by_command(), "");
}

TEST_F(FilesRulesetTest, WhatWasAppliedStaysWhileFilesStayAsTheyWere) {
  in_force(rules({{"a", 1}, {"b", 1}}));
  start(rules({{"a", 1}, {"b", 1}}));
  in_force(rules({{"a", 2}, {"c", 1}}));  // by command: a changed, b dropped, c added
  FilesRuleset again(log, rules({{"a", 1}, {"b", 1}}));
  EXPECT_FALSE(again.have_a_say());
  EXPECT_EQ(again.by_command(), "the view `a`, the view `c`, the view `b`, which was dropped");
  EXPECT_EQ(views(start(rules({{"a", 1}, {"b", 1}}))), (Views{{"a", 2}, {"c", 1}}));
}

TEST_F(FilesRulesetTest, WhatChangesInTheFilesIsTakenOver) {
  in_force(rules({{"a", 1}, {"b", 1}}));
  start(rules({{"a", 1}, {"b", 1}}));
  in_force(rules({{"a", 2}, {"b", 1}}));
  const Ruleset then = start(rules({{"a", 1}, {"b", 5}, {"d", 1}}, "POST"));
  EXPECT_EQ(views(then), (Views{{"a", 2}, {"b", 5}, {"d", 1}}));
  EXPECT_EQ(then.silver.fee_skus, std::set<std::string>{"POST"});
  EXPECT_EQ(views(start(rules({{"a", 1}}, "POST"))), (Views{{"a", 2}}))
      << "b and d were taken out of the files";
}

TEST_F(FilesRulesetTest, AFolderThatNeverKnewTakesTheFiles) {
  in_force(rules({{"a", 2}}));
  EXPECT_EQ(views(start(rules({{"a", 1}}))), (Views{{"a", 1}}));
}

TEST_F(FilesRulesetTest, AKillOnTheWayIsGoneOnFrom) {
  in_force(rules({{"a", 1}, {"b", 1}}));
  start(rules({{"a", 1}, {"b", 1}}));
  FilesRuleset killed(log, rules({{"a", 1}, {"b", 2}}));
  ASSERT_TRUE(killed.have_a_say());
  killed.announce();
  ControlState state = *ControlState::load(log);
  state.next = ControlState::Rules{9, killed.wanted().hash(), 1, killed.wanted().encode()};
  state.save(log);  // it is being built
  FilesRuleset again(log, rules({{"a", 1}, {"b", 2}}));
  EXPECT_TRUE(again.have_a_say()) << "not ready before it is there";
  EXPECT_EQ(again.wanted().encode(), killed.wanted().encode());
  in_force(killed.wanted());  // it holds, and the process dies before it has settled
  EXPECT_EQ(views(start(rules({{"a", 1}, {"b", 3}}))), (Views{{"a", 1}, {"b", 3}}))
      << "what came from the files is not taken for a command's";
}

TEST_F(FilesRulesetTest, WhatACommandLetsBuildIsNotLostByAStart) {
  in_force(rules({{"a", 1}}));
  start(rules({{"a", 1}}));
  ControlState state = *ControlState::load(log);
  const Ruleset coming = rules({{"a", 1}, {"b", 1}});
  state.next = ControlState::Rules{9, coming.hash(), 1, coming.encode()};
  state.save(log);
  EXPECT_FALSE(FilesRuleset(log, rules({{"a", 1}})).have_a_say()) << "it is built while the node serves";
  FilesRuleset other(log, rules({{"a", 3}}));
  EXPECT_TRUE(other.have_a_say());
  EXPECT_EQ(views(other.wanted()), (Views{{"a", 3}, {"b", 1}}));
}

// Against the rule as it is said: a view is as a command left it, if one ever left it otherwise than the
// files of then; else as the files have it.
TEST_F(FilesRulesetTest, AnySequenceOfFilesAndCommands) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 dice(seed);
  auto any = [&] {
    Views out;
    for (const char* name : {"a", "b", "c"})
      if (const int number = static_cast<int>(dice() % 3); number > 0) out[name] = number;
    return out;
  };
  Views files = any();
  in_force(rules(files));
  start(rules(files));
  Views expected = files;
  for (int i = 0; i < 200; ++i) {
    if (dice() % 2) {
      expected = any();
      in_force(rules(expected));
      continue;
    }
    const Views said = std::exchange(files, any());
    for (const char* name : {"a", "b", "c"}) {
      auto of = [&](const Views& all) { return all.contains(name) ? all.at(name) : 0; };
      if (of(expected) != of(said)) continue;
      expected.erase(name);
      if (of(files)) expected[name] = of(files);
    }
    ASSERT_EQ(views(start(rules(files))), expected) << i;
  }
}

}  // namespace
}  // namespace lode::node
