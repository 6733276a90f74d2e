// The content hash: two events have the same one when their values are equal before cleaning (contract
// section 3).
//
// It is a sum of hashed leaves, each (path, value), so the order of members and the split into payload and
// contact don't show; an array's elements have their index in the path, so their order does. Money, times and
// numbers go in by value, strings by their bytes without escapes. A known field that is at its default or was
// sent as null or "" adds nothing, as if absent. `source` and `event_id` are the key, not the content, and
// stay out. Nothing depends on the format: JSON, CloudEvents and FlatBuffers forms of the same event have the
// same hash.
//
// The values are stored for ever (index of ids): never change the function, and never a path.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "event/event.h"

namespace lode::event {

struct Decimal;

class ContentHash {
 public:
  // Paths from the event's own object down.
  static constexpr uint64_t kRoot = 0x4C6F6465;
  static uint64_t member(uint64_t parent, std::string_view name);
  static uint64_t element(uint64_t parent, uint64_t index);
  static uint64_t customer();  // where contact data is, too
  static uint64_t product();
  static uint64_t lines();
  static uint64_t attributes();

  void add_text(uint64_t path, std::string_view text);
  void add_number(uint64_t path, const Decimal& value);
  void add_integer(uint64_t path, int64_t value);  // the same as that number
  void add_literal(uint64_t path, char first);     // 't', 'f', 'n'; '{' and '[' for empty ones

  // The typed fields of an event and its lines.
  void add_fields(const Event& event, std::span<const Line> lines);
  // A line's typed fields. add_fields does it for every line.
  void add_line(uint64_t path, const Line& line);

  uint64_t value() const;

 private:
  uint64_t sum_ = 0;
};

}  // namespace lode::event
