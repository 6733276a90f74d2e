// A walk over the tokens that JsonStructure found: no tree, no copy, every step a few instructions.
// The grammar is checked by who walks: each step says whether the next token is what was asked for.
#pragma once

#include <cstdint>
#include <string_view>

namespace lode::event {

// A value type; the text and the tokens (with the one element behind `end`) outlive it.
class JsonCursor {
 public:
  // `escapes`: there may be a backslash in the text.
  JsonCursor(const char* text, const uint32_t* next, const uint32_t* end, bool escapes = true)
      : text_(text), next_(next), end_(end), escapes_(escapes) {}

  bool may_have_escapes() const { return escapes_; }

  bool at_end() const { return next_ >= end_; }
  // The next token's first byte; NUL at the end.
  char peek() const { return next_ < end_ ? text_[*next_] : '\0'; }
  // Where the next token begins; at the end, the end of what was scanned.
  const char* here() const { return text_ + *next_; }
  const uint32_t* token() const { return next_; }
  // The same walk at another of its tokens.
  JsonCursor at(const uint32_t* token) const { return {text_, token, end_, escapes_}; }

  bool take(char c) {
    if (peek() != c) return false;
    ++next_;
    return true;
  }

  // A string's bytes between its quotes, as written: escapes and all.
  bool take_string(std::string_view& raw) {
    if (peek() != '"') return false;
    const char* begin = here() + 1;
    ++next_;
    const char* last = last_byte();
    if (last < begin || *last != '"') return false;
    raw = {begin, static_cast<size_t>(last - begin)};
    return true;
  }

  // A number or a literal as written; what it is, is not checked.
  bool take_scalar(std::string_view& raw) {
    const char* begin = here();
    switch (peek()) {
      case '\0':
      case '"':
      case '{':
      case '}':
      case '[':
      case ']':
      case ',':
      case ':':
        return false;
    }
    ++next_;
    raw = {begin, static_cast<size_t>(last_byte() - begin) + 1};
    return true;
  }

  bool take_null() {
    std::string_view raw;
    JsonCursor ahead = *this;
    if (peek() != 'n' || !ahead.take_scalar(raw) || raw != "null") return false;
    *this = ahead;
    return true;
  }

  // Steps over one value by counting brackets; what is inside is not checked. False: no value, or it doesn't
  // end.
  bool skip_value() {
    uint32_t depth = 0;
    do {
      switch (peek()) {
        case '\0':
          return false;
        case '{':
        case '[':
          ++depth;
          break;
        case '}':
        case ']':
          if (depth-- == 0) return false;
          break;
        case ',':
        case ':':
          if (depth == 0) return false;
          break;
        default:
          break;
      }
      ++next_;
    } while (depth != 0);
    return true;
  }

  // The end of the value that was taken last.
  const char* value_end() const { return last_byte() + 1; }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
  // The last byte before the next token that is not white space. Called after a token was taken.
  const char* last_byte() const {
    const char* p = text_ + *next_ - 1;
    while (is_space(*p)) --p;
    return p;
  }

  const char* text_;
  const uint32_t* next_;
  const uint32_t* end_;
  bool escapes_;
};

}  // namespace lode::event
