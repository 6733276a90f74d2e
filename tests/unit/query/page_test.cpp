// The parts that all reads share: limits, cursors, filters.
#include "query/page.h"

#include <gtest/gtest.h>

namespace lode::query {
namespace {

template <typename T>
std::string code_of(const Answer<T>& answer) {
  auto* failure = std::get_if<Failure>(&answer);
  return failure != nullptr ? failure->problem.code + " " + failure->problem.pointer : "";
}

TEST(PageTest, LimitIsFromOneToTenThousand) {
  EXPECT_EQ(std::get<uint32_t>(parse_limit({})), 1000u);
  EXPECT_EQ(std::get<uint32_t>(parse_limit({{"limit", "1"}})), 1u);
  EXPECT_EQ(std::get<uint32_t>(parse_limit({{"limit", "10000"}})), 10000u);
  for (const char* bad : {"", "0", "10001", "-1", "1.5", "ten", "1 ", "99999999999"}) {
    EXPECT_EQ(code_of(parse_limit({{"limit", bad}})), "invalid_parameter /limit") << bad;
  }
}

TEST(PageTest, ACursorComesBackWhole) {
  for (size_t size = 0; size < 40; ++size) {
    std::string key;
    for (size_t i = 0; i < size; ++i) key.push_back(static_cast<char>(i * 37));
    std::string cursor = encode_cursor(7, key);
    EXPECT_EQ(cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
    EXPECT_EQ(std::get<std::string>(decode_cursor(cursor, 7)), key);
  }
}

TEST(PageTest, ACursorOfAnotherQueryOrChangedInAnyLetterIsRefused) {
  std::string cursor = encode_cursor(7, "some key");
  EXPECT_EQ(code_of(decode_cursor(cursor, 8)), "invalid_cursor /cursor");
  EXPECT_EQ(code_of(decode_cursor("", 7)), "invalid_cursor /cursor");
  EXPECT_EQ(code_of(decode_cursor("not base64!", 7)), "invalid_cursor /cursor");
  for (size_t i = 0; i + 1 < cursor.size(); ++i) {
    std::string changed = cursor;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(code_of(decode_cursor(changed, 7)), "invalid_cursor /cursor") << i;
    EXPECT_EQ(code_of(decode_cursor(cursor.substr(0, i), 7)), "invalid_cursor /cursor") << i;
  }
}

TEST(PageTest, NamesTheNearest) {
  EXPECT_EQ(nearest("daily_sale", {"customer_insights", "daily_sales"}), "daily_sales");
  EXPECT_EQ(nearest("x", {}), "");
  EXPECT_EQ(invalid_parameter("a/b~", "").problem.pointer, "/a~1b~0");
}

}  // namespace
}  // namespace lode::query
