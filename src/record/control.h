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
  };
  Kind kind = Kind::announce;
  uint64_t ruleset_hash = 0;  // announce, switch
  EntryIndex announced;       // switch: the entry that announced it
  std::string ruleset;        // announce: its text
  uint64_t level = 0;         // level
  friend bool operator==(const Control&, const Control&) = default;

  static constexpr size_t kMaxRuleset = 256 * 1024;  // bytes

  // Throws std::length_error for a longer ruleset.
  std::string encode() const;
  // Throws Corruption: bytes that are no control, or a newer program's.
  static Control decode(std::string_view bytes);
};

}  // namespace lode::record
