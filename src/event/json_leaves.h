// Walks any JSON value, checks its grammar, and adds its leaves to a content hash: how members that Lode
// doesn't know are kept and compared without being understood.
#pragma once

#include <string>

#include "event/content_hash.h"
#include "event/json_cursor.h"

namespace lode::event {

enum class JsonError { none, malformed, too_deep };

// Reusable, not thread-safe.
class JsonLeaves {
 public:
  // Takes one value at `path`. `depth` containers may be nested from here on.
  JsonError add(JsonCursor& cursor, uint64_t path, uint32_t depth, ContentHash& hash);

  // A string as written, without its escapes. The view holds until the next call. False: a broken escape.
  bool text(std::string_view raw, std::string_view& out);

 private:
  JsonError add_object(JsonCursor& cursor, uint64_t path, uint32_t depth, ContentHash& hash);
  JsonError add_array(JsonCursor& cursor, uint64_t path, uint32_t depth, ContentHash& hash);
  JsonError add_scalar(JsonCursor& cursor, uint64_t path, ContentHash& hash);
  std::string scratch_;
};

}  // namespace lode::event
