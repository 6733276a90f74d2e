// The ruleset's text: what is written is read again, one text for one ruleset, and what can't be read is
// refused with a sentence.
#include "materialize/ruleset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace lode::materialize {
namespace {

Ruleset shipped() { return {{}, gold::read_views(LODE_SOURCE_DIR "/config/views"), {}}; }

Ruleset rich() {
  Ruleset out = shipped();
  out.silver.fee_skus = {"POST", "BANK \"CHARGES\"", "--- view", "a\nb\\"};
  out.silver.country_aliases = {{"EIRE", "IE"}, {"Übersee", "DE"}};
  out.silver.switched_off = silver::bit(silver::Rule::trim_text) | silver::bit(silver::Rule::negative_price);
  out.silver.returning_from = 2;
  out.silver.loyal_from = 9;
  out.silver.earliest_micros = -5;
  out.silver.latest_after_receive_micros = 7;
  out.zone = gold::ZoneRules::of_machine("Europe/London");
  return out;
}

std::string error_of(std::string_view text) {
  try {
    Ruleset::decode(text);
  } catch (const InvalidRuleset& error) {
    return error.what();
  }
  return "";
}

// Data folders know their ruleset by this number: another one, and every state is made anew.
TEST(RulesetTest, TheHashIsTheOneOfEarlierPrograms) {
  EXPECT_EQ(shipped().hash(), 0xcc4c3bc7181f60f4u);
  Ruleset other = shipped();
  other.silver.fee_skus = {"POST"};
  other.zone = gold::ZoneRules::of_machine("Europe/London");
  EXPECT_EQ(other.hash(), 0x79e7880b511dfdf5u);
}

TEST(RulesetTest, WhatIsWrittenIsReadAgain) {
  for (const Ruleset& rules : {shipped(), rich()}) {
    std::string text = rules.encode();
    Ruleset read = Ruleset::decode(text);
    EXPECT_EQ(read.hash(), rules.hash());
    EXPECT_EQ(read.encode(), text);
    EXPECT_EQ(read.zone, rules.zone);
    EXPECT_EQ(read.program, rules.program);
    EXPECT_EQ(read.silver.country_aliases, rules.silver.country_aliases);
    EXPECT_EQ(read.silver.fee_skus, rules.silver.fee_skus);
    ASSERT_EQ(read.views.size(), rules.views.size());
    for (size_t i = 0; i < read.views.size(); ++i) {
      EXPECT_EQ(read.views[i].version, rules.views[i].version) << rules.views[i].name;
      EXPECT_EQ(read.views[i].description, rules.views[i].description);
    }
  }
}

TEST(RulesetTest, TheOrderOfViewsDoesNotCount) {
  Ruleset turned = shipped();
  std::reverse(turned.views.begin(), turned.views.end());
  EXPECT_EQ(turned.encode(), shipped().encode());
  EXPECT_EQ(turned.hash(), shipped().hash());
}

TEST(RulesetTest, WhatCannotBeReadIsRefused) {
  std::string text = shipped().encode();
  auto with = [&](const std::string& part, const std::string& other) {
    std::string changed = text;
    return changed.replace(changed.find(part), part.size(), other);
  };
  EXPECT_THAT(error_of(""), testing::HasSubstr("[ruleset]"));
  EXPECT_THAT(error_of("\xff"), testing::HasSubstr("no TOML"));
  EXPECT_THAT(error_of(with("format = 1", "format = 2")),
              testing::HasSubstr("has format 2, written by a newer program; this one reads up to format 1"));
  EXPECT_THAT(error_of(with("loyal_from = 5", "loyal_from = -5")), testing::HasSubstr("silver.loyal_from"));
  EXPECT_THAT(error_of(with("disabled_rules = []", "disabled_rules = [\"nonsense\"]")),
              testing::HasSubstr("nonsense"));
  EXPECT_THAT(error_of(with("changes = []", "changes = [[2, 0], [1, 0]]")), testing::HasSubstr("in order"));
  EXPECT_THAT(error_of(with("order_lines", "orders")), testing::HasSubstr("order_lines"));
  std::string views = text.substr(text.find("--- view"));
  EXPECT_THAT(error_of(text + views), testing::HasSubstr("order of their names"));
}

}  // namespace
}  // namespace lode::materialize
