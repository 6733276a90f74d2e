// The log's strong types. Cheap values; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

namespace lode::record {

// A record's place in the log, dense from 0, given at apply, never reused.
struct Offset {
  uint64_t value = 0;
  friend auto operator<=>(const Offset&, const Offset&) = default;
  Offset operator+(uint64_t n) const { return {value + n}; }
};

// The record that changed something last; nothing: none has yet.
using LastChange = std::optional<Offset>;

// A log entry's place in the Raft log of one group, from 1. Never shown to clients.
struct EntryIndex {
  uint64_t value = 0;
  friend auto operator<=>(const EntryIndex&, const EntryIndex&) = default;
};

struct Term {
  uint64_t value = 0;
  friend auto operator<=>(const Term&, const Term&) = default;
};

// Which Raft group an entry belongs to; one group holds the whole log today.
struct GroupId {
  uint32_t value = 0;
  friend auto operator<=>(const GroupId&, const GroupId&) = default;
};

}  // namespace lode::record
