#include "log/column_forms.h"

#include <chrono>
#include <cstdio>

namespace lode::log {

namespace {

constexpr std::string_view kTimePattern = "dddd-dd-ddTdd:dd:ddZ";
constexpr size_t kMostDigits = 18;
constexpr std::string_view kHex = "0123456789abcdef";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hyphen_place(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

std::optional<int64_t> seconds_of(std::string_view text) {
  if (text.size() != kTimePattern.size()) return std::nullopt;
  for (size_t i = 0; i < text.size(); ++i) {
    if (kTimePattern[i] == 'd' ? !is_digit(text[i]) : text[i] != kTimePattern[i]) return std::nullopt;
  }
  const auto at = [&](size_t from, size_t count) {
    return static_cast<int>(digits_value(text.substr(from, count)));
  };
  using namespace std::chrono;
  const year_month_day date{year{at(0, 4)}, month{static_cast<unsigned>(at(5, 2))},
                            day{static_cast<unsigned>(at(8, 2))}};
  if (!date.ok() || at(11, 2) > 23 || at(14, 2) > 59 || at(17, 2) > 59) return std::nullopt;
  return sys_days{date}.time_since_epoch().count() * 86'400ll + at(11, 2) * 3600 + at(14, 2) * 60 + at(17, 2);
}

void append_seconds(std::string& out, int64_t seconds) {
  using namespace std::chrono;
  int64_t days = seconds / 86'400, rest = seconds % 86'400;
  if (rest < 0) --days, rest += 86'400;
  const year_month_day date{sys_days{std::chrono::days{days}}};
  append_digits(out, static_cast<uint64_t>(static_cast<int>(date.year())), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, static_cast<uint64_t>(rest / 3600), 2);
  out += ':';
  append_digits(out, static_cast<uint64_t>(rest / 60 % 60), 2);
  out += ':';
  append_digits(out, static_cast<uint64_t>(rest % 60), 2);
  out += 'Z';
}

bool append_uuid_bytes(std::string& out, std::string_view text) {
  if (text.size() != 36) return false;
  const size_t before = out.size();
  int high = -1;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t value = kHex.find(text[i]);
    if (is_hyphen_place(i) ? text[i] != '-' : value == std::string_view::npos) {
      out.resize(before);
      return false;
    }
    if (is_hyphen_place(i)) continue;
    if (high < 0) {
      high = static_cast<int>(value);
      continue;
    }
    out += static_cast<char>(high << 4 | static_cast<int>(value));
    high = -1;
  }
  return true;
}

void append_uuid(std::string& out, std::string_view bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    const auto byte = static_cast<uint8_t>(bytes[i]);
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
}

size_t digits_at(std::string_view text) {
  size_t at = text.size();
  while (at > 0 && text.size() - at < kMostDigits && is_digit(text[at - 1])) --at;
  return at;
}

uint64_t digits_value(std::string_view digits) {
  uint64_t value = 0;
  for (const char c : digits) value = value * 10 + static_cast<uint64_t>(c - '0');
  return value;
}

void append_digits(std::string& out, uint64_t value, size_t width) {
  char digits[20];
  size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value > 0);
  while (count < width && count < sizeof digits) digits[count++] = '0';
  while (count > 0) out += digits[--count];
}

}  // namespace lode::log
