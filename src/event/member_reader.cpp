#include "event/member_reader.h"

#include "event/json_text.h"

namespace lode::event {

std::string MemberPlace::pointer() const {
  std::string out;
  if (!object.empty()) out.append("/").append(object);
  if (index >= 0) out.append("/").append(std::to_string(index));
  if (!name.empty()) out.append("/").append(name);
  return out;
}

bool MemberReader::fail(std::string code, const MemberPlace& place, std::string detail) {
  problem_ = {std::move(code), place.pointer(), std::move(detail)};
  return false;
}
bool MemberReader::malformed() {
  problem_ = {"invalid_json", "",
              "Send one complete JSON object for each event; this text is not valid JSON."};
  return false;
}
bool MemberReader::twice(const MemberPlace& place) {
  return fail("duplicate_member", place,
              "Send this member once; an object must not hold the same name twice.");
}
bool MemberReader::wrong_type(const MemberPlace& place, std::string_view wanted) {
  JsonCursor probe = cursor_;
  if (!probe.skip_value()) return malformed();
  return fail("invalid_type", place, "Send this member as " + std::string(wanted) + ".");
}

bool MemberReader::unescape_in_place(std::string_view& text) {
  char* to = arena_.allocate(text.size());
  size_t size;
  if (!unescape(text, to, size)) return malformed();
  text = {to, size};
  return true;
}

bool MemberReader::no_text(const MemberPlace& place) {
  return cursor_.take_null() || wrong_type(place, "a JSON string (in quotes)");
}

bool MemberReader::time(const MemberPlace& place, Micros& out, bool& sent) {
  std::string_view value;
  if (!text(place, value)) return false;
  sent = !value.empty();
  if (!sent || parse_rfc3339(value, out)) return true;
  return fail("invalid_time", place,
              "Write the time as RFC 3339 with an offset, such as \"2010-12-01T08:26:00Z\".");
}

bool MemberReader::money(const MemberPlace& place, Money& out, bool& sent) {
  std::string_view value;
  char first = cursor_.peek();
  if (first == '"') {
    if (!text(place, value)) return false;
  } else if (first == '-' || (first >= '0' && first <= '9')) {
    cursor_.take_scalar(value);
    size_t sign = first == '-' ? 1 : 0;
    if (value.size() > sign + 1 && value[sign] == '0' && value[sign + 1] >= '0' && value[sign + 1] <= '9') {
      return malformed();
    }
  } else if (!cursor_.take_null()) {
    return wrong_type(place, "a decimal string or number");
  }
  sent = !value.empty();
  if (!sent) return true;
  switch (parse_money(value, out)) {
    case MoneyParse::ok:
      return true;
    case MoneyParse::malformed:
      if (first != '"') return malformed();
      return fail("invalid_value", place, "Write money as a decimal such as \"2.55\".");
    case MoneyParse::too_many_decimals:
      return fail("invalid_value", place, "Write money with at most 6 decimals.");
    case MoneyParse::out_of_range:
      break;
  }
  return fail("out_of_range", place, "Money must be between -9223372036854.775808 and 9223372036854.775807.");
}

bool MemberReader::integer(const MemberPlace& place, int64_t low, int64_t high, int64_t& out, bool& sent) {
  char first = cursor_.peek();
  if (first != '-' && (first < '0' || first > '9')) {
    sent = false;
    return cursor_.take_null() || wrong_type(place, "an integer number (without quotes)");
  }
  std::string_view raw;
  cursor_.take_scalar(raw);
  sent = true;
  switch (parse_integer(raw, out)) {
    case IntegerParse::ok:
      if (out >= low && out <= high) return true;
      break;
    case IntegerParse::malformed:
      return malformed();
    case IntegerParse::fraction:
      return fail("invalid_value", place, "Send an integer, without a fraction.");
    case IntegerParse::out_of_range:
      break;
  }
  return fail("out_of_range", place,
              "Send an integer between " + std::to_string(low) + " and " + std::to_string(high) + ".");
}

}  // namespace lode::event
