#include "event/time.h"

#include <gtest/gtest.h>

namespace lode::event {
namespace {

int64_t parsed(std::string_view text) {
  Micros out;
  return parse_rfc3339(text, out) ? out.value : -1;
}

TEST(Rfc3339, IsReadAsUtc) {
  constexpr int64_t kSecond = 1'000'000;
  EXPECT_EQ(parsed("2010-12-01T08:26:00Z"), 1'291'191'960 * kSecond);
  EXPECT_EQ(parsed("2010-12-01t09:26:00+01:00"), 1'291'191'960 * kSecond);
  EXPECT_EQ(parsed("2010-12-01T03:56:00-04:30"), 1'291'191'960 * kSecond);
  EXPECT_EQ(parsed("2010-12-01T08:26:00.5z"), 1'291'191'960 * kSecond + 500'000);
  EXPECT_EQ(parsed("2010-12-01T08:26:00.1234569Z"), 1'291'191'960 * kSecond + 123'456);
  EXPECT_EQ(parsed("2016-12-31T23:59:60Z"), parsed("2017-01-01T00:00:00Z"));
  EXPECT_EQ(parsed("1970-01-01T00:00:01Z"), kSecond);
  EXPECT_NE(parsed("2012-02-29T00:00:00Z"), -1);
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "2010-12-01", "2010-12-01T08:26:00", "2010-12-01 08:26:00", "2010-12-01T08:26Z",
        "2010-13-01T08:26:00Z", "2010-02-29T00:00:00Z", "2010-12-00T00:00:00Z", "2010-12-01T24:00:00Z",
        "2010-12-01T00:60:00Z", "2010-12-01T00:00:61Z", "2010-12-01T00:00:00.Z", "2010-12-01T00:00:00+1:00",
        "2010-12-01T00:00:00+24:00", "2010-12-01T00:00:00Zx", "2010-12-01T00:00:00.123", "1291191960",
        "2010-12-0aT00:00:00Z"}) {
    EXPECT_EQ(parsed(text), -1) << text;
  }
}

TEST(Rfc3339, IsWrittenAsRead) {
  for (const char* text : {"2010-12-01T08:26:00Z", "1969-12-31T23:59:59.999999Z", "2000-02-29T00:00:00.5Z",
                           "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"}) {
    Micros time;
    ASSERT_TRUE(parse_rfc3339(text, time)) << text;
    EXPECT_EQ(format_rfc3339(time), text);
  }
}

TEST(Day, GoesThereAndBack) {
  Day before{-720000};
  for (int32_t value = -720000; value < 800000; value += 37) {
    Day day;
    std::string text = format_day({value});
    if (value < -719468 + 60) continue;  // before year 0
    ASSERT_TRUE(parse_day(text, day)) << text;
    EXPECT_EQ(day.value, value) << text;
    EXPECT_LT(before, day);
    before = day;
  }
  Day day;
  EXPECT_TRUE(parse_day("2010-12-01", day));
  EXPECT_EQ(day.value, 14944);
  EXPECT_FALSE(parse_day("2010-12-1", day));
  EXPECT_FALSE(parse_day("2010-02-30", day));
}

}  // namespace
}  // namespace lode::event
