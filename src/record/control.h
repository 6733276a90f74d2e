// What a log entry of type `control` says: what holds from it on, on every node. Bytes: FORMAT.md. Pure; any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "record/types.h"

namespace lode::record {

struct Control {
  enum class Kind : uint8_t {
    announce = 1,  // `ruleset` is to be built beside what is served
    switch_ = 2,   // what was announced holds
    level = 3,     // the feature level is at least `level`
    compact = 4,  // the records at `dropped` are gaps, and entries up to `compacted` lie in chunks: each node
                  // sees to it in its own time. From feature level 3 on
  };
  Kind kind = Kind::announce;
  uint64_t ruleset_hash = 0;  // announce, switch
  EntryIndex announced;       // switch: the entry that announced it
  std::string ruleset;        // announce: its text
  uint64_t level = 0;         // level
  EntryIndex compacted = {};  // compact
  std::string dropped = {};   // compact: offset_set.h, or ""
  friend bool operator==(const Control&, const Control&) = default;

  static constexpr size_t kMaxRuleset = 256 * 1024;  // bytes
  static constexpr size_t kMaxDropped = 256 * 1024;  // bytes

  // Throws std::length_error for a longer ruleset, or more that is dropped.
  std::string encode() const;
  // Throws Corruption: bytes that are no control, or a newer program's.
  static Control decode(std::string_view bytes);
};

}  // namespace lode::record
