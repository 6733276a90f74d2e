// Money as the contract has it: a 64-bit integer count of millionths of the currency's unit, never a float.
// Sums of money are 128-bit. Pure; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace lode::event {

using Int128 = __int128;

struct Money {
  int64_t micros = 0;  // millionths of the unit: 2.55 GBP is 2'550'000
  friend auto operator<=>(const Money&, const Money&) = default;
};

enum class MoneyParse { ok, malformed, too_many_decimals, out_of_range };

// Reads a JSON number's or a decimal string's text: [-]digits[.digits][e[+-]digits], at most 6 decimals by
// value ("1.2500000" and "1e-6" pass, "0.0000001" does not). Never goes through a double.
MoneyParse parse_money(std::string_view text, Money& out);

// The decimal string of a sum of millionths with at least `digits` decimals: (53620620000, 2) -> "53620.62",
// (1125000, 2) -> "1.125", (-5, 2) -> "-0.000005".
std::string format_money(Int128 micros, int digits);

// numerator / denominator as a decimal string with 6 decimals, half to even; the denominator is not 0.
// Both are taken as plain integers: to divide money by a count pass millionths and the count * 1'000'000.
std::string format_ratio(Int128 numerator, Int128 denominator);

std::string format_integer(Int128 value);

}  // namespace lode::event
