#include "event/money.h"

#include <limits>

namespace lode::event {
namespace {

constexpr int kDecimals = 6;
constexpr uint64_t kMillion = 1'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The exponent after 'e'. Clamped: beyond ±1000 the answer doesn't depend on how far.
bool parse_exponent(const char* p, const char* end, int& out) {
  bool negative = false;
  if (p < end && (*p == '+' || *p == '-')) negative = *p++ == '-';
  if (p == end) return false;
  int value = 0;
  for (; p < end; ++p) {
    if (!is_digit(*p)) return false;
    if (value < 1000) value = value * 10 + (*p - '0');
  }
  out = negative ? -value : value;
  return true;
}

}  // namespace

MoneyParse parse_money(std::string_view text, Money& out) {
  const char* p = text.data();
  const char* end = p + text.size();
  bool negative = p < end && *p == '-';
  if (negative) ++p;

  // Collect the digits as an integer, without the zeros at the front; `pending` zeros only count when another
  // digit follows, so that "1.2500000" has two decimals and 1e30 zeros after a point cost nothing.
  unsigned __int128 value = 0;
  int64_t decimals = 0, pending = 0;
  bool digits_before = false, digits_after = false, point = false, huge = false;
  for (; p < end; ++p) {
    if (*p == '.') {
      if (point || !digits_before) return MoneyParse::malformed;
      point = true;
      continue;
    }
    if (!is_digit(*p)) break;
    (point ? digits_after : digits_before) = true;
    if (*p == '0') {
      ++pending;
      if (point) ++decimals;
      continue;
    }
    if (value == 0) pending = 0;
    for (; pending >= 0 && !huge; --pending) {
      value *= 10;
      huge = value > (static_cast<unsigned __int128>(1) << 120);
    }
    pending = 0;
    value += static_cast<unsigned>(*p - '0');
    if (point) ++decimals;
  }
  if (!digits_before || (point && !digits_after)) return MoneyParse::malformed;
  int exponent = 0;
  if (p < end && (*p != 'e' && *p != 'E')) return MoneyParse::malformed;
  if (p < end && !parse_exponent(p + 1, end, exponent)) return MoneyParse::malformed;
  if (value == 0) {
    out.micros = 0;
    return MoneyParse::ok;
  }

  // value * 10^shift millionths
  int64_t shift = pending - decimals + exponent + kDecimals;
  if (huge) return shift < 0 ? MoneyParse::too_many_decimals : MoneyParse::out_of_range;
  for (; shift < 0; ++shift) {
    if (value % 10 != 0) return MoneyParse::too_many_decimals;
    value /= 10;
  }
  const uint64_t limit = static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) + (negative ? 1 : 0);
  for (; shift > 0 && value <= limit; --shift) value *= 10;
  if (value > limit) return MoneyParse::out_of_range;
  uint64_t micros = static_cast<uint64_t>(value);
  out.micros = static_cast<int64_t>(negative ? 0 - micros : micros);
  return MoneyParse::ok;
}

std::string format_integer(Int128 value) {
  bool negative = value < 0;
  auto rest = static_cast<unsigned __int128>(value);
  if (negative) rest = 0 - rest;
  char digits[40];
  char* p = digits + sizeof digits;
  do {
    *--p = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  } while (rest != 0);
  if (negative) *--p = '-';
  return {p, digits + sizeof digits};
}

std::string format_money(Int128 micros, int digits) {
  bool negative = micros < 0;
  auto rest = static_cast<unsigned __int128>(micros);
  if (negative) rest = 0 - rest;
  std::string out = negative ? "-" : "";
  out += format_integer(static_cast<Int128>(rest / kMillion));
  auto fraction = static_cast<uint64_t>(rest % kMillion);
  char decimals[kDecimals];
  for (int i = kDecimals - 1; i >= 0; --i, fraction /= 10)
    decimals[i] = static_cast<char>('0' + fraction % 10);
  int shown = kDecimals;
  while (shown > digits && decimals[shown - 1] == '0') --shown;
  if (shown > 0) out.append(".").append(decimals, static_cast<size_t>(shown));
  return out;
}

std::string format_ratio(Int128 numerator, Int128 denominator) {
  bool negative = (numerator < 0) != (denominator < 0);
  auto top = static_cast<unsigned __int128>(numerator);
  auto bottom = static_cast<unsigned __int128>(denominator);
  if (numerator < 0) top = 0 - top;
  if (denominator < 0) bottom = 0 - bottom;

  // Long division, a decimal at a time, so that nothing overflows: rest < bottom <= 2^127.
  unsigned __int128 whole = top / bottom, rest = top % bottom;
  uint64_t decimals = 0;
  for (int i = 0; i < kDecimals; ++i) {
    unsigned digit = 0;
    unsigned __int128 sum = 0;  // rest * 10 modulo bottom, by addition
    for (int k = 0; k < 10; ++k) {
      if (sum >= bottom - rest) {
        sum -= bottom - rest;
        ++digit;
      } else {
        sum += rest;
      }
    }
    rest = sum;
    decimals = decimals * 10 + digit;
  }
  unsigned __int128 other_half = bottom - rest;
  if (rest > other_half || (rest == other_half && decimals % 2 == 1)) ++decimals;
  if (decimals == kMillion) {
    decimals = 0;
    ++whole;
  }
  std::string fraction = std::to_string(decimals);
  std::string out = negative && (whole != 0 || decimals != 0) ? "-" : "";
  out += format_integer(static_cast<Int128>(whole));
  out += '.';
  out.append(kDecimals - fraction.size(), '0');
  return out += fraction;
}

}  // namespace lode::event
