// Where the tokens of a JSON text are: simdjson's first stage (UTF-8 validation and a vectorized scan for
// structural characters) behind a wall. The event decoder walks these positions itself (json_cursor.h),
// because it needs what a document model hides: the byte range of every value, to cut contact data out of a
// payload.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace lode::event {

// Reusable, not thread-safe: one per thread.
class JsonStructure {
 public:
  JsonStructure();
  ~JsonStructure();
  JsonStructure(JsonStructure&&) noexcept;
  JsonStructure& operator=(JsonStructure&&) noexcept;

  // Finds the tokens of `text`: of every { } [ ] : , and of the first byte of every string, number and
  // literal the position in `text`, ascending; one more element, text.size(), stands behind the span's end.
  // Reads nothing behind the text. False: not UTF-8, a string that doesn't end, or a control character in a
  // string. The positions are valid until the next call.
  bool scan(std::string_view text);
  std::span<const uint32_t> tokens() const { return tokens_; }
  // Whether there is a backslash anywhere in the text.
  bool has_escapes() const { return has_escapes_; }

  // Gives back what a large text took.
  void shrink();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::span<const uint32_t> tokens_;
  bool has_escapes_ = true;
};

bool is_utf8(std::string_view text);

}  // namespace lode::event
