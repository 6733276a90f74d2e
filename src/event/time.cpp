#include "event/time.h"

namespace lode::event {
namespace {

constexpr int64_t kSecond = 1'000'000;

// Days since 1970-01-01 of a proleptic Gregorian date, counted in 400-year eras from March.
constexpr int64_t days_of(int64_t year, int month, int day) {
  year -= month <= 2;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}
static_assert(days_of(1970, 1, 1) == 0 && days_of(2000, 3, 1) == 11017);

struct Date {
  int64_t year;
  int month, day;
};

constexpr Date date_of(int64_t days) {
  days += 719468;
  int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  int64_t day_of_era = days - era * 146097;
  int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t shifted_month = (5 * day_of_year + 2) / 153;
  int month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  return {year_of_era + era * 400 + (month <= 2), month,
          static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1)};
}

constexpr int days_in_month(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool two_digits(const char* p, int& out) {
  if (!is_digit(p[0]) || !is_digit(p[1])) return false;
  out = (p[0] - '0') * 10 + (p[1] - '0');
  return true;
}

// The ten characters of "2010-12-01".
bool parse_date(const char* p, int64_t& days) {
  int century, year, month, day;
  if (!two_digits(p, century) || !two_digits(p + 2, year) || p[4] != '-' || !two_digits(p + 5, month) ||
      p[7] != '-' || !two_digits(p + 8, day)) {
    return false;
  }
  year += century * 100;
  if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return false;
  days = days_of(year, month, day);
  return true;
}

void append_digits(std::string& out, int64_t value, int width) {
  char digits[20];
  for (int i = width - 1; i >= 0; --i, value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out.append(digits, static_cast<size_t>(width));
}

}  // namespace

bool parse_rfc3339(std::string_view text, Micros& out) {
  if (text.size() < 20) return false;
  const char* p = text.data();
  const char* end = p + text.size();
  int64_t days;
  int hour, minute, second;
  if (!parse_date(p, days) || (p[10] != 'T' && p[10] != 't') || !two_digits(p + 11, hour) || p[13] != ':' ||
      !two_digits(p + 14, minute) || p[16] != ':' || !two_digits(p + 17, second)) {
    return false;
  }
  if (hour > 23 || minute > 59 || second > 60) return false;
  p += 19;

  int64_t fraction = 0;
  if (*p == '.') {
    int64_t unit = kSecond;
    const char* first = ++p;
    for (; p < end && is_digit(*p); ++p) {
      unit /= 10;
      fraction += unit * (*p - '0');
    }
    if (p == first || p == end) return false;
  }
  if (second == 60) fraction = 0;

  int64_t offset = 0;
  if (*p == 'Z' || *p == 'z') {
    if (p + 1 != end) return false;
  } else {
    int offset_hour, offset_minute;
    if (end - p != 6 || (*p != '+' && *p != '-') || !two_digits(p + 1, offset_hour) || p[3] != ':' ||
        !two_digits(p + 4, offset_minute) || offset_hour > 23 || offset_minute > 59) {
      return false;
    }
    offset = (offset_hour * 60 + offset_minute) * 60;
    if (*p == '-') offset = -offset;
  }
  int64_t seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset;
  out.value = seconds * kSecond + fraction;
  return true;
}

std::string format_rfc3339(Micros time) {
  constexpr int64_t kDay = 86400 * kSecond;
  int64_t days = time.value / kDay, rest = time.value % kDay;
  if (rest < 0) {
    rest += kDay;
    --days;
  }
  std::string out = format_day({static_cast<int32_t>(days)});
  int64_t seconds = rest / kSecond, fraction = rest % kSecond;
  out += 'T';
  append_digits(out, seconds / 3600, 2);
  out += ':';
  append_digits(out, seconds / 60 % 60, 2);
  out += ':';
  append_digits(out, seconds % 60, 2);
  if (fraction != 0) {
    out += '.';
    append_digits(out, fraction, 6);
    while (out.back() == '0') out.pop_back();
  }
  return out += 'Z';
}

bool parse_day(std::string_view text, Day& out) {
  int64_t days;
  if (text.size() != 10 || !parse_date(text.data(), days)) return false;
  out.value = static_cast<int32_t>(days);
  return true;
}

std::string format_day(Day day) {
  Date date = date_of(day.value);
  std::string out;
  if (date.year < 0) out += '-';
  append_digits(out, date.year < 0 ? -date.year : date.year, date.year > 9999 ? 6 : 4);
  out += '-';
  append_digits(out, date.month, 2);
  out += '-';
  append_digits(out, date.day, 2);
  return out;
}

}  // namespace lode::event
