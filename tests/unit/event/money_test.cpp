#include "event/money.h"

#include <gtest/gtest.h>

namespace lode::event {
namespace {

struct Case {
  const char* text;
  MoneyParse result;
  int64_t micros;
};

class ParseMoney : public testing::TestWithParam<Case> {};

TEST_P(ParseMoney, ByText) {
  Money money{-1};
  EXPECT_EQ(parse_money(GetParam().text, money), GetParam().result) << GetParam().text;
  if (GetParam().result != MoneyParse::ok) return;
  EXPECT_EQ(money.micros, GetParam().micros) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Money, ParseMoney,
    testing::Values(Case{"2.55", MoneyParse::ok, 2'550'000}, Case{"0", MoneyParse::ok, 0},
                    Case{"-0.00", MoneyParse::ok, 0}, Case{"0.001", MoneyParse::ok, 1'000},
                    Case{"-0.000001", MoneyParse::ok, -1}, Case{"1.2500000", MoneyParse::ok, 1'250'000},
                    Case{"1e-6", MoneyParse::ok, 1}, Case{"12E2", MoneyParse::ok, 1'200'000'000},
                    Case{"1.5e+1", MoneyParse::ok, 15'000'000}, Case{"100", MoneyParse::ok, 100'000'000},
                    Case{"10.01", MoneyParse::ok, 10'010'000}, Case{"0e999999", MoneyParse::ok, 0},
                    Case{"9223372036854.775807", MoneyParse::ok, INT64_MAX},
                    Case{"-9223372036854.775808", MoneyParse::ok, INT64_MIN},
                    Case{"9223372036854.775808", MoneyParse::out_of_range, 0},
                    Case{"-9223372036854.775809", MoneyParse::out_of_range, 0},
                    Case{"1e400", MoneyParse::out_of_range, 0},
                    Case{"99999999999999999999999999999999999999999999999999", MoneyParse::out_of_range, 0},
                    Case{"0.0000001", MoneyParse::too_many_decimals, 0},
                    Case{"1e-7", MoneyParse::too_many_decimals, 0},
                    Case{"1.2345678", MoneyParse::too_many_decimals, 0}, Case{"", MoneyParse::malformed, 0},
                    Case{"-", MoneyParse::malformed, 0}, Case{".5", MoneyParse::malformed, 0},
                    Case{"5.", MoneyParse::malformed, 0}, Case{"+5", MoneyParse::malformed, 0},
                    Case{"1,5", MoneyParse::malformed, 0}, Case{"1.2.3", MoneyParse::malformed, 0},
                    Case{"1e", MoneyParse::malformed, 0}, Case{" 1", MoneyParse::malformed, 0},
                    Case{"NaN", MoneyParse::malformed, 0}));

TEST(FormatMoney, KeepsTheDigitsAskedFor) {
  EXPECT_EQ(format_money(Int128{53'620'620'000}, 2), "53620.62");
  EXPECT_EQ(format_money(1'125'000, 2), "1.125");
  EXPECT_EQ(format_money(-5, 2), "-0.000005");
  EXPECT_EQ(format_money(0, 2), "0.00");
  EXPECT_EQ(format_money(5'000'000, 0), "5");
  EXPECT_EQ(format_money(Int128{INT64_MAX} * 1'000'000, 0), "9223372036854775807");
}

TEST(FormatRatio, RoundsHalfToEven) {
  EXPECT_EQ(format_ratio(1, 3), "0.333333");
  EXPECT_EQ(format_ratio(2, 3), "0.666667");
  EXPECT_EQ(format_ratio(1, 2'000'000), "0.000000");  // half, down to even
  EXPECT_EQ(format_ratio(3, 2'000'000), "0.000002");  // half, up to even
  EXPECT_EQ(format_ratio(-1, 3), "-0.333333");
  EXPECT_EQ(format_ratio(-1, 2'000'000), "0.000000");
  EXPECT_EQ(format_ratio(1'999'999'9, 10'000'000), "2.000000");
  EXPECT_EQ(format_ratio(6, -2), "-3.000000");
  Int128 huge = Int128{1} << 126;
  EXPECT_EQ(format_ratio(huge, huge - 1), "1.000000");
  EXPECT_EQ(format_ratio(huge, 4), format_integer(huge / 4) + ".000000");
}

}  // namespace
}  // namespace lode::event
