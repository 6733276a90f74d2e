// The text of JSON's scalars: string escapes, numbers by value. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lode::event {

inline bool has_escape(std::string_view raw) { return raw.find('\\') != std::string_view::npos; }

// Resolves the escapes of a string as written. `to` has room for raw.size() bytes. False: an unknown escape,
// or half of a surrogate pair.
bool unescape(std::string_view raw, char* to, size_t& size);

// The inverse, quotes included.
void append_quoted(std::string& out, std::string_view text);
std::string in_quotes(std::string_view text);

// A JSON number by value: 1, 1.0 and 10e-1 are the same.
struct Decimal {
  bool negative = false;
  uint64_t digits = 0;       // a hash of the digits from the first to the last that is not 0; 0 for zero
  uint64_t mantissa = 0;     // the same digits as an integer, when there are at most 18
  uint32_t digit_count = 0;  // how many of them
  int64_t exponent = 0;      // value = digits * 10^exponent
};
// False: not JSON's number grammar.
bool parse_decimal(std::string_view raw, Decimal& out);

enum class IntegerParse { ok, malformed, fraction, out_of_range };
// A JSON number that is an integer by value (6, 6.0, 60e-1).
IntegerParse parse_integer(std::string_view raw, int64_t& out);

}  // namespace lode::event
