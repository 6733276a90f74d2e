// When what is scheduled is due: over restarts, and while clocks are set.
#include "admin/schedule.h"

#include <gtest/gtest.h>

#include "event/time.h"

namespace lode::admin {
namespace {

constexpr int64_t kHour = 3'600'000'000;

int64_t at(const char* text) {
  event::Micros out;
  EXPECT_TRUE(event::parse_rfc3339(text, out)) << text;
  return out.value;
}

// How often it is done while the clock goes from `now` on, looked at every minute.
int runs(Schedule& schedule, int64_t now, int64_t until) {
  int count = 0;
  for (; now <= until; now += kHour / 60) {
    if (!schedule.is_due(now)) continue;
    schedule.dealt_with(now);
    ++count;
  }
  return count;
}

TEST(Schedule, IsDueAtItsTimesAndOnceAtEach) {
  const int64_t start = at("2026-01-01T00:00:00Z");
  Schedule schedule(env::Cron("30 3 * * *", "UTC"), "", start);
  EXPECT_EQ(schedule.next(), at("2026-01-01T03:30:00Z"));
  EXPECT_FALSE(schedule.is_due(at("2026-01-01T03:29:59Z")));
  EXPECT_TRUE(schedule.is_due(at("2026-01-01T03:30:00Z")));
  schedule.dealt_with(at("2026-01-01T03:30:00Z"));
  EXPECT_FALSE(schedule.is_due(at("2026-01-01T03:30:01Z")));
  EXPECT_EQ(runs(schedule, at("2026-01-01T03:31:00Z"), at("2026-01-11T03:31:00Z")), 10);
}

TEST(Schedule, WhatWasMissedIsMadeUpOnce) {
  const int64_t start = at("2026-01-01T00:00:00Z");
  std::string kept;
  {
    Schedule schedule(env::Cron("30 3 * * *", "UTC"), "", start);
    EXPECT_EQ(runs(schedule, start, at("2026-01-02T00:00:00Z")), 1);
    kept = schedule.kept();
  }
  Schedule schedule(env::Cron("30 3 * * *", "UTC"), kept, at("2026-01-09T12:00:00Z"));
  EXPECT_TRUE(schedule.is_due(at("2026-01-09T12:00:00Z")));
  EXPECT_EQ(runs(schedule, at("2026-01-09T12:00:00Z"), at("2026-01-10T00:00:00Z")), 1);
  Schedule another(env::Cron("0 4 * * *", "UTC"), kept, at("2026-01-09T12:00:00Z"));
  EXPECT_FALSE(another.is_due(at("2026-01-09T12:00:00Z"))) << "of another time nothing was missed";
  Schedule broken(env::Cron("30 3 * * *", "UTC"), "x 30 3 * * * UTC", at("2026-01-09T12:00:00Z"));
  EXPECT_FALSE(broken.is_due(at("2026-01-09T12:00:00Z")));
}

TEST(Schedule, SummerTimeMakesNoRunMoreOrLess) {
  for (const char* expression : {"30 2 * * *", "0 3 * * *", "59 1 * * *"}) {
    SCOPED_TRACE(expression);
    Schedule spring(env::Cron(expression, "Europe/Berlin"), "", at("2026-03-27T12:00:00Z"));
    EXPECT_EQ(runs(spring, at("2026-03-27T12:00:00Z"), at("2026-03-31T12:00:00Z")), 4);
    Schedule autumn(env::Cron(expression, "Europe/Berlin"), "", at("2026-10-23T12:00:00Z"));
    EXPECT_EQ(runs(autumn, at("2026-10-23T12:00:00Z"), at("2026-10-27T12:00:00Z")), 4);
  }
}

TEST(Schedule, AClockThatIsSetBackDoesNotRunItAgain) {
  const int64_t start = at("2026-01-01T00:00:00Z");
  Schedule schedule(env::Cron("30 3 * * *", "UTC"), "", start);
  EXPECT_EQ(runs(schedule, start, at("2026-01-01T04:00:00Z")), 1);
  EXPECT_EQ(runs(schedule, at("2026-01-01T03:00:00Z"), at("2026-01-01T05:00:00Z")), 0);
  EXPECT_EQ(runs(schedule, at("2026-01-01T05:00:00Z"), at("2026-01-02T05:00:00Z")), 1);
  // It was years ahead by mistake.
  Schedule wrong(env::Cron("30 3 * * *", "UTC"), "", at("2036-01-01T00:00:00Z"));
  EXPECT_EQ(runs(wrong, start, at("2026-01-02T00:00:00Z")), 1);
}

}  // namespace
}  // namespace lode::admin
