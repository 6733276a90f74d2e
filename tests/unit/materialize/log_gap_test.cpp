// A state whose log begins too late: told in a sentence, and nothing is applied.
#include "materialize/log_gap.h"

#include <gtest/gtest.h>

#include "log/memory_log.h"
#include "materialize/replay.h"
#include "property/engine.h"
#include "store/memory_disk.h"

namespace lode::materialize {
namespace {

constexpr record::GroupId kGroup{0};

class LogGapTest : public testing::Test {
 protected:
  LogGapTest() {
    for (uint64_t i = 1; i <= 9; ++i)
      log.append(kGroup, std::vector<log::Entry>{{{i}, {1}, log::EntryType::no_op, ""}});
  }
  std::string refusal(uint64_t applied, const std::string& why = "") {
    try {
      require_replayable(log, kGroup, {applied}, why);
      return "";
    } catch (const LogTruncated& error) {
      return error.what();
    }
  }
  void replay_into(test::Engine& engine, const std::function<bool(record::EntryIndex)>& keep_going) const {
    const record::EntryIndex next{engine.materializer.applied_entry().value + 1};
    replay(log, kGroup, next, engine.hasher, [&](const CommittedEntry& entry) {
      engine.materializer.apply(entry, nullptr);
      return keep_going(entry.index);
    });
  }

  log::MemoryLog log;
};

TEST_F(LogGapTest, AWholeLogHasNone) {
  for (uint64_t applied : {0, 1, 9, 20}) EXPECT_FALSE(gap_behind(log, kGroup, {applied}));
  EXPECT_FALSE(gap_behind(log::MemoryLog(), kGroup, {0}));
}

TEST_F(LogGapTest, LiesBetweenTheStateAndTheFirstEntryLeft) {
  log.truncate_prefix(kGroup, {5});
  for (uint64_t applied : {4, 5, 9}) EXPECT_FALSE(gap_behind(log, kGroup, {applied}));
  const auto gap = gap_behind(log, kGroup, {2});
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->first.value, 3u);
  EXPECT_EQ(gap->last.value, 4u);
  log.truncate_prefix(kGroup, {30});  // all of it went: another node's state took its place
  EXPECT_EQ(gap_behind(log, kGroup, {9})->last.value, 29u);
  EXPECT_FALSE(gap_behind(log, kGroup, {29}));
}

TEST_F(LogGapTest, IsToldWithWhatHelps) {
  EXPECT_EQ(refusal(0, "the ruleset changed"), "");
  log.truncate_prefix(kGroup, {5});
  EXPECT_EQ(refusal(4), "");
  EXPECT_EQ(
      refusal(2),
      "silver and gold can't be made from this node's log behind entry 2: entries 3 to 4 are not in it any "
      "more; they need the state of another node, or a backup");
  EXPECT_EQ(
      refusal(0, "the ruleset changed"),
      "the ruleset changed, but silver and gold can't be made from this node's log: entries 1 to 4 are not "
      "in it any more; they need the state of another node, or a backup");
}

TEST_F(LogGapTest, ReplayAppliesNothingBehindIt) {
  test::Engine engine(1, {}, std::make_unique<store::MemoryDisk>(test::families()));
  auto all = [](record::EntryIndex) { return true; };
  log.truncate_prefix(kGroup, {5});
  EXPECT_THROW(replay_into(engine, all), LogTruncated);
  EXPECT_EQ(engine.materializer.applied_entry().value, 0u);
}

TEST_F(LogGapTest, ReplayGoesOnWhereTheLogBegins) {
  test::Engine engine(1, {}, std::make_unique<store::MemoryDisk>(test::families()));
  replay_into(engine, [](record::EntryIndex index) { return index.value < 4; });
  log.truncate_prefix(kGroup, {5});
  replay_into(engine, [](record::EntryIndex) { return true; });
  EXPECT_EQ(engine.materializer.applied_entry().value, 9u);
}

}  // namespace
}  // namespace lode::materialize
