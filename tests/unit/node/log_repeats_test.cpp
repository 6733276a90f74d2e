// How often the log says the same.
#include "node/log_repeats.h"

#include <gtest/gtest.h>

namespace lode::node {
namespace {

using env::LogLevel;

int passed(LogRepeats& repeats, LogLevel level, const char* event, int64_t at, int times) {
  int out = 0;
  for (int i = 0; i < times; ++i) out += repeats.passes(level, event, at) ? 1 : 0;
  return out;
}

TEST(LogRepeats, ABurstPassesAndTheRestIsCounted) {
  LogRepeats repeats;
  EXPECT_EQ(passed(repeats, LogLevel::warning, "peer.lost", 0, 1000), 30);
  EXPECT_EQ(passed(repeats, LogLevel::info, "node.ready", 0, 1), 1);  // another event has its own
  EXPECT_TRUE(repeats.take_left_out(LogRepeats::kPeriodMicros - 1).empty());
  const auto left = repeats.take_left_out(LogRepeats::kPeriodMicros);
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].event, "peer.lost");
  EXPECT_EQ(left[0].level, LogLevel::warning);
  EXPECT_EQ(left[0].lines, 970u);
  EXPECT_TRUE(repeats.take_left_out(10 * LogRepeats::kPeriodMicros).empty());
  EXPECT_EQ(passed(repeats, LogLevel::warning, "peer.lost", LogRepeats::kPeriodMicros, 31), 30);
}

TEST(LogRepeats, ASteadyTrickleIsNeverLeftOut) {
  LogRepeats repeats;
  for (int64_t second = 0; second < 1000; ++second)
    EXPECT_TRUE(repeats.passes(LogLevel::info, "log.retained", second * 1'000'000)) << second;
}

TEST(LogRepeats, PeriodsOfSeveralEventsEndByThemselves) {
  LogRepeats repeats;
  passed(repeats, LogLevel::error, "b", 0, 31);
  passed(repeats, LogLevel::error, "a", 5'000'000, 32);
  EXPECT_EQ(repeats.take_left_out(LogRepeats::kPeriodMicros).size(), 1u);
  const auto later = repeats.take_left_out(LogRepeats::kPeriodMicros + 5'000'000);
  ASSERT_EQ(later.size(), 1u);
  EXPECT_EQ(later[0].event, "a");
  EXPECT_EQ(later[0].lines, 2u);
}

TEST(LogRepeats, WhatMustBeSeenPasses) {
  LogRepeats repeats;
  EXPECT_EQ(passed(repeats, LogLevel::critical, "node.ending", 0, 100), 100);
  EXPECT_EQ(passed(repeats, LogLevel::debug, "peer.left", 0, 100), 100);
}

}  // namespace
}  // namespace lode::node
