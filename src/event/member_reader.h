// Reads members of known type from a JSON object: the one place that says which JSON fits which field.
#pragma once

#include <cstring>
#include <string>
#include <string_view>

#include "event/event.h"
#include "event/json_cursor.h"

namespace lode::event {

// Where a member is, for a Problem's pointer; made into text only when something is wrong.
struct MemberPlace {
  std::string_view object;  // "", "customer", "product" or "lines"
  int64_t index = -1;       // of a line
  std::string_view name;
  std::string pointer() const;
};

// Reads into an event that is being decoded: text without escapes stays where it is, other text goes to the
// arena. Every read takes one value from the cursor. null and "" are values that weren't sent: the field
// stays at its default.
class MemberReader {
 public:
  MemberReader(JsonCursor& cursor, Arena& arena, Problem& problem)
      : cursor_(cursor), arena_(arena), problem_(problem) {}

  // Name and colon. Names without escapes point into the text.
  bool name(std::string_view& out) {
    if (!cursor_.take_string(out) || !cursor_.take(':')) return malformed();
    return !needs_unescape(out) || unescape_in_place(out);
  }
  bool text(const MemberPlace& place, std::string_view& out) {
    if (cursor_.peek() != '"') return no_text(place);
    if (!cursor_.take_string(out)) return malformed();
    return !needs_unescape(out) || unescape_in_place(out);
  }
  bool time(const MemberPlace& place, Micros& out, bool& sent);
  bool money(const MemberPlace& place, Money& out, bool& sent);
  bool integer(const MemberPlace& place, int64_t low, int64_t high, int64_t& out, bool& sent);

  JsonCursor& cursor() { return cursor_; }
  Problem& problem() { return problem_; }
  // All answer false.
  bool fail(std::string code, const MemberPlace& place, std::string detail);
  bool malformed();
  bool twice(const MemberPlace& place);

 private:
  bool needs_unescape(std::string_view raw) const {
    return cursor_.may_have_escapes() && !raw.empty() && std::memchr(raw.data(), '\\', raw.size()) != nullptr;
  }
  bool unescape_in_place(std::string_view& text);
  bool no_text(const MemberPlace& place);
  bool wrong_type(const MemberPlace& place, std::string_view wanted);

  JsonCursor& cursor_;
  Arena& arena_;
  Problem& problem_;
};

}  // namespace lode::event
