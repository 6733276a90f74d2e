#include "event/json_text.h"

#include <algorithm>
#include <limits>

namespace lode::event {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool parse_hex4(const char* p, const char* end, uint32_t& out) {
  if (end - p < 4) return false;
  out = 0;
  for (int i = 0; i < 4; ++i) {
    char c = p[i];
    uint32_t digit;
    if (is_digit(c)) {
      digit = static_cast<uint32_t>(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = static_cast<uint32_t>((c | 0x20) - 'a') + 10;
    } else {
      return false;
    }
    out = out << 4 | digit;
  }
  return true;
}

char* put_utf8(char* to, uint32_t code) {
  auto put = [&](uint32_t byte) { *to++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
  return to;
}

// What stands behind "\u", `p` at its first digit.
bool parse_code_point(const char*& p, const char* end, uint32_t& code) {
  if (!parse_hex4(p, end, code)) return false;
  p += 4;
  if (code >= 0xDC00 && code <= 0xDFFF) return false;
  if (code < 0xD800 || code > 0xDBFF) return true;
  uint32_t low;
  if (end - p < 6 || p[0] != '\\' || p[1] != 'u' || !parse_hex4(p + 2, end, low)) return false;
  if (low < 0xDC00 || low > 0xDFFF) return false;
  p += 6;
  code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  return true;
}

}  // namespace

bool unescape(std::string_view raw, char* to, size_t& size) {
  const char* p = raw.data();
  const char* end = p + raw.size();
  char* out = to;
  while (p < end) {
    if (*p != '\\') {
      *out++ = *p++;
      continue;
    }
    if (++p == end) return false;
    char c = *p++;
    uint32_t code;
    switch (c) {
      case '"':
      case '\\':
      case '/':
        *out++ = c;
        break;
      case 'b':
        *out++ = '\b';
        break;
      case 'f':
        *out++ = '\f';
        break;
      case 'n':
        *out++ = '\n';
        break;
      case 'r':
        *out++ = '\r';
        break;
      case 't':
        *out++ = '\t';
        break;
      case 'u':
        if (!parse_code_point(p, end, code)) return false;
        out = put_utf8(out, code);
        break;
      default:
        return false;
    }
  }
  size = static_cast<size_t>(out - to);
  return true;
}

void append_quoted(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string in_quotes(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

bool parse_decimal(std::string_view raw, Decimal& out) {
  constexpr uint64_t kBase = 0x9E3779B97F4A7C15;
  out = {};
  const char* p = raw.data();
  const char* end = p + raw.size();
  bool negative = p < end && *p == '-';
  if (negative) ++p;
  if (p == end || !is_digit(*p) || (*p == '0' && end - p > 1 && is_digit(p[1]))) return false;

  uint64_t zeros = 0;  // seen since the last other digit
  int64_t decimals = 0;
  bool point = false;
  for (; p < end; ++p) {
    if (*p == '.') {
      if (point || end - p < 2 || !is_digit(p[1])) return false;
      point = true;
      continue;
    }
    if (!is_digit(*p)) break;
    decimals += point;
    if (*p == '0') {
      ++zeros;
      continue;
    }
    if (out.digit_count == 0) zeros = 0;
    for (; zeros > 0; --zeros) {
      out.digits = out.digits * kBase + 1;
      out.mantissa *= 10;
      ++out.digit_count;
    }
    auto digit = static_cast<uint64_t>(*p - '0');
    out.digits = out.digits * kBase + 1 + digit;
    out.mantissa = out.mantissa * 10 + digit;
    ++out.digit_count;
  }
  int64_t exponent = 0;
  if (p < end) {
    if (*p != 'e' && *p != 'E') return false;
    ++p;
    bool minus = p < end && *p == '-';
    if (p < end && (*p == '+' || *p == '-')) ++p;
    if (p == end) return false;
    for (; p < end; ++p) {
      if (!is_digit(*p)) return false;
      exponent = std::min<int64_t>(exponent * 10 + (*p - '0'), int64_t{1} << 56);
    }
    if (minus) exponent = -exponent;
  }
  if (out.digit_count == 0) return true;  // zero has no sign
  out.negative = negative;
  out.exponent = exponent - decimals + static_cast<int64_t>(zeros);
  return true;
}

IntegerParse parse_integer(std::string_view raw, int64_t& out) {
  const char* p = raw.data();
  const char* end = p + raw.size();
  bool negative = p < end && *p == '-';
  if (negative) ++p;
  if (p < end && end - p <= 18 && (*p != '0' || end - p == 1)) {
    int64_t value = 0;
    while (p < end && is_digit(*p)) value = value * 10 + (*p++ - '0');
    if (p == end) {
      out = negative ? -value : value;
      return IntegerParse::ok;
    }
  }
  Decimal decimal;
  if (!parse_decimal(raw, decimal)) return IntegerParse::malformed;
  if (decimal.exponent < 0) return IntegerParse::fraction;
  if (decimal.digit_count + decimal.exponent > 18) return IntegerParse::out_of_range;
  auto value = static_cast<int64_t>(decimal.mantissa);
  for (int64_t i = 0; i < decimal.exponent; ++i) value *= 10;
  out = decimal.negative ? -value : value;
  return IntegerParse::ok;
}

}  // namespace lode::event
