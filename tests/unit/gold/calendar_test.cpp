// Reporting days in zones with and without daylight saving.
#include "gold/calendar.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace lode::gold {
namespace {

std::string day_in(const char* zone, const char* time) {
  event::Micros micros;
  EXPECT_TRUE(event::parse_rfc3339(time, micros));
  return event::format_day(Calendar(ZoneRules::of_machine(zone)).day(micros));
}

TEST(CalendarTest, TheDayIsTheZones) {
  EXPECT_EQ(day_in("UTC", "2010-12-01T23:59:59.999999Z"), "2010-12-01");
  EXPECT_EQ(day_in("UTC", "1969-12-31T23:59:59Z"), "1969-12-31");
  EXPECT_EQ(day_in("Europe/London", "2011-06-01T22:59:59Z"), "2011-06-01");
  EXPECT_EQ(day_in("Europe/London", "2011-06-01T23:00:00Z"), "2011-06-02");
  EXPECT_EQ(day_in("Europe/London", "2011-01-01T23:00:00Z"), "2011-01-01");
  EXPECT_EQ(day_in("America/New_York", "2011-01-02T04:59:59Z"), "2011-01-01");
}

TEST(CalendarTest, RemembersTheRightStretch) {
  Calendar london(ZoneRules::of_machine("Europe/London"));
  for (const auto& [time, day] : {std::pair("2011-03-26T23:30:00Z", "2011-03-26"),
                                  {"2011-03-27T23:30:00Z", "2011-03-28"},
                                  {"2011-10-29T23:30:00Z", "2011-10-30"},
                                  {"2011-10-30T23:30:00Z", "2011-10-30"},
                                  {"2011-03-26T23:30:00Z", "2011-03-26"}}) {
    event::Micros micros;
    event::parse_rfc3339(time, micros);
    EXPECT_EQ(event::format_day(london.day(micros)), day) << time;
  }
}

TEST(CalendarTest, ChangesAtTheStartOfTheirSecond) {
  for (const char* first :
       {"2011-03-27T01:00:00Z", "2011-03-27T01:00:00.000001Z", "2011-03-27T01:00:00.999999Z"}) {
    Calendar london(ZoneRules::of_machine("Europe/London"));
    event::Micros micros;
    ASSERT_TRUE(event::parse_rfc3339(first, micros));
    EXPECT_EQ(event::format_day(london.day(micros)), "2011-03-27");
    ASSERT_TRUE(event::parse_rfc3339("2011-03-26T23:30:00Z", micros));
    EXPECT_EQ(event::format_day(london.day(micros)), "2011-03-26") << "after " << first;
  }
}

TEST(CalendarTest, OtherRulesAnotherHash) {
  ZoneRules london = ZoneRules::of_machine("Europe/London"), other = london;
  EXPECT_NE(ZoneRules::of_machine("UTC").hash(), london.hash());
  EXPECT_EQ(ZoneRules::of_machine("UTC").hash(), ZoneRules{}.hash());
  other.changes.back().offset_seconds += 3600;
  EXPECT_NE(other.hash(), london.hash());
  EXPECT_THROW(ZoneRules::of_machine("Europe/Londn"), std::invalid_argument);
  EXPECT_THROW(ZoneRules::of_machine(""), std::invalid_argument);
}

}  // namespace
}  // namespace lode::gold
