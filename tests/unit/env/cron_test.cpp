#include "env/cron.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "absl/time/time.h"

namespace lode::env {
namespace {

int64_t micros_of(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << ": " << error;
  return absl::ToUnixMicros(time);
}

// The next times as RFC 3339 in UTC.
std::vector<std::string> due(const std::string& expression, const std::string& after, size_t count,
                             const std::string& zone = "UTC") {
  std::vector<std::string> out;
  for (const int64_t at : Cron(expression, zone).next(micros_of(after), count))
    out.push_back(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixMicros(at), absl::UTCTimeZone()));
  return out;
}

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Cron, FieldsAreNumbersRangesStepsListsAndNames) {
  const std::string at = "2026-01-01T00:00:00Z";  // a Thursday
  EXPECT_THAT(due("30 3 * * 0", at, 2), ElementsAre("2026-01-04T03:30:00Z", "2026-01-11T03:30:00Z"));
  EXPECT_THAT(due("30 3 * * 7", at, 1), ElementsAre("2026-01-04T03:30:00Z"));
  EXPECT_THAT(due("0 0 1 JAN,jul *", at, 3),
              ElementsAre("2026-07-01T00:00:00Z", "2027-01-01T00:00:00Z", "2027-07-01T00:00:00Z"));
  EXPECT_THAT(due("*/20 9-10 * * mon-fri", at, 7),
              ElementsAre("2026-01-01T09:00:00Z", "2026-01-01T09:20:00Z", "2026-01-01T09:40:00Z",
                          "2026-01-01T10:00:00Z", "2026-01-01T10:20:00Z", "2026-01-01T10:40:00Z",
                          "2026-01-02T09:00:00Z"));
  EXPECT_THAT(due("5 8-18/5 1,15 * *", at, 4), ElementsAre("2026-01-01T08:05:00Z", "2026-01-01T13:05:00Z",
                                                           "2026-01-01T18:05:00Z", "2026-01-15T08:05:00Z"));
  EXPECT_THAT(due("0 12 * * sat-sun", at, 3),
              ElementsAre("2026-01-03T12:00:00Z", "2026-01-04T12:00:00Z", "2026-01-10T12:00:00Z"));
  EXPECT_THAT(due("\t0  0 * * * ", at, 1), ElementsAre("2026-01-02T00:00:00Z"));
}

TEST(Cron, TheNextTimeIsBehindTheOneAsked) {
  EXPECT_THAT(due("0 * * * *", "2026-01-01T05:00:00Z", 1), ElementsAre("2026-01-01T06:00:00Z"));
  EXPECT_THAT(due("0 * * * *", "2026-01-01T04:59:59.999999Z", 1), ElementsAre("2026-01-01T05:00:00Z"));
}

TEST(Cron, WhereBothDaysAreRestrictedEitherIsEnough) {
  EXPECT_THAT(due("0 0 13 * fri", "2026-01-01T00:00:00Z", 4),
              ElementsAre("2026-01-02T00:00:00Z", "2026-01-09T00:00:00Z", "2026-01-13T00:00:00Z",
                          "2026-01-16T00:00:00Z"));
}

TEST(Cron, ALeapDayIsFoundAndADayThatNeverComesIsNot) {
  EXPECT_THAT(due("0 0 29 2 *", "2026-01-01T00:00:00Z", 2),
              ElementsAre("2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"));
  EXPECT_THAT(due("0 0 30 feb *", "2026-01-01T00:00:00Z", 1), IsEmpty());
}

TEST(Cron, ATimeThatIsSkippedIsDueAtTheChange) {
  // In Berlin, 2026-03-29 goes from 02:00 to 03:00, at 01:00 UTC.
  EXPECT_THAT(due("30 2 * * *", "2026-03-28T00:00:00Z", 3, "Europe/Berlin"),
              ElementsAre("2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"));
  EXPECT_THAT(due("0,30 2 29 3 *", "2026-03-28T00:00:00Z", 2, "Europe/Berlin"),
              ElementsAre("2026-03-29T01:00:00Z", "2027-03-29T00:00:00Z"));
}

TEST(Cron, ATimeThatComesTwiceIsDueTheFirstTime) {
  // In Berlin, 2026-10-25 goes from 03:00 back to 02:00, at 01:00 UTC.
  EXPECT_THAT(due("30 2 * * *", "2026-10-24T12:00:00Z", 2, "Europe/Berlin"),
              ElementsAre("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"));
}

TEST(Cron, EveryHourGoesByTheTimeThatPasses) {
  EXPECT_THAT(due("30 * * * *", "2026-10-24T23:00:00Z", 4, "Europe/Berlin"),
              ElementsAre("2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z",
                          "2026-10-25T02:30:00Z"));
  EXPECT_THAT(due("*/30 */1 * * *", "2026-03-29T00:00:00Z", 4, "Europe/Berlin"),
              ElementsAre("2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z",
                          "2026-03-29T02:00:00Z"));
}

TEST(Cron, MidnightThatIsSkippedIsDueAtOne) {
  // In Sao Paulo, 2018-11-04 began at 01:00, at 03:00 UTC.
  EXPECT_THAT(due("0 0 * * *", "2018-11-03T12:00:00Z", 2, "America/Sao_Paulo"),
              ElementsAre("2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"));
}

TEST(Cron, TheTextIsLocal) {
  EXPECT_EQ(Cron("0 0 * * *", "Europe/Berlin").local_text(micros_of("2026-03-29T01:00:00Z")),
            "2026-03-29 03:00 CEST");
}

TEST(Cron, WhatCantBeReadIsRefusedWithTheField) {
  const std::pair<const char*, const char*> examples[] = {
      {"", "five fields"},
      {"* * * *", "five fields"},
      {"* * * * * *", "five fields"},
      {"60 * * * *", "the minute `60`"},
      {"* 24 * * *", "the hour `24`"},
      {"* * 0 * *", "the day of the month `0`"},
      {"* * * 13 *", "the month `13`"},
      {"* * * * 8", "the day of the week `8`"},
      {"* * * foo *", "the month `foo`"},
      {"5-1 * * * *", "ends before it begins"},
      {"*/0 * * * *", "step"},
      {"*/x * * * *", "step"},
      {"1,,2 * * * *", "empty element"},
      {"1, * * * *", "empty element"},
      {"-1 * * * *", "the minute"},
  };
  for (const auto& [expression, sentence] : examples) {
    try {
      Cron(expression, "UTC");
      FAIL() << expression;
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), HasSubstr(sentence)) << expression;
    }
  }
  EXPECT_THROW(Cron("* * * * *", "Mars/Base"), std::invalid_argument);
}

TEST(Cron, StepsOfOneDoNotOverflow) {
  EXPECT_THAT(due("59/2147483647 0 1 1 *", "2026-01-02T00:00:00Z", 1), ElementsAre("2027-01-01T00:59:00Z"));
}

}  // namespace
}  // namespace lode::env
