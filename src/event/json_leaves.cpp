#include "event/json_leaves.h"

#include "event/json_text.h"

namespace lode::event {

JsonError JsonLeaves::add(JsonCursor& cursor, uint64_t path, uint32_t depth, ContentHash& hash) {
  switch (cursor.peek()) {
    case '{':
      return add_object(cursor, path, depth, hash);
    case '[':
      return add_array(cursor, path, depth, hash);
    case '"': {
      std::string_view raw, value;
      if (!cursor.take_string(raw) || !text(raw, value)) return JsonError::malformed;
      hash.add_text(path, value);
      return JsonError::none;
    }
    default:
      return add_scalar(cursor, path, hash);
  }
}

JsonError JsonLeaves::add_object(JsonCursor& cursor, uint64_t path, uint32_t depth, ContentHash& hash) {
  if (depth == 0) return JsonError::too_deep;
  cursor.take('{');
  if (cursor.take('}')) {
    // No attributes are the same as an empty object of them.
    if (path != ContentHash::attributes()) hash.add_literal(path, '{');
    return JsonError::none;
  }
  do {
    std::string_view raw, name;
    if (!cursor.take_string(raw) || !text(raw, name) || !cursor.take(':')) return JsonError::malformed;
    JsonError error = add(cursor, ContentHash::member(path, name), depth - 1, hash);
    if (error != JsonError::none) return error;
  } while (cursor.take(','));
  return cursor.take('}') ? JsonError::none : JsonError::malformed;
}

JsonError JsonLeaves::add_array(JsonCursor& cursor, uint64_t path, uint32_t depth, ContentHash& hash) {
  if (depth == 0) return JsonError::too_deep;
  cursor.take('[');
  if (cursor.take(']')) {
    hash.add_literal(path, '[');
    return JsonError::none;
  }
  uint64_t index = 0;
  do {
    JsonError error = add(cursor, ContentHash::element(path, index++), depth - 1, hash);
    if (error != JsonError::none) return error;
  } while (cursor.take(','));
  return cursor.take(']') ? JsonError::none : JsonError::malformed;
}

JsonError JsonLeaves::add_scalar(JsonCursor& cursor, uint64_t path, ContentHash& hash) {
  std::string_view raw;
  if (!cursor.take_scalar(raw)) return JsonError::malformed;
  if (raw == "true" || raw == "false" || raw == "null") {
    hash.add_literal(path, raw[0]);
    return JsonError::none;
  }
  Decimal number;
  if (!parse_decimal(raw, number)) return JsonError::malformed;
  hash.add_number(path, number);
  return JsonError::none;
}

bool JsonLeaves::text(std::string_view raw, std::string_view& out) {
  if (!has_escape(raw)) {
    out = raw;
    return true;
  }
  scratch_.resize(raw.size());
  size_t size;
  if (!unescape(raw, scratch_.data(), size)) return false;
  out = {scratch_.data(), size};
  return true;
}

}  // namespace lode::event
