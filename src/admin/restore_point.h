// Up to where a restored log goes, when that is not its end.
#pragma once

#include <cstdint>
#include <optional>

#include "admin/stopped_data.h"
#include "admin/watch.h"

namespace lode::admin {

// At most one of them: the record at `offset` is the last one, or the last one that came in at `micros` or
// before (receive time, µs since 1970).
struct RestorePoint {
  std::optional<uint64_t> offset;
  std::optional<int64_t> micros;
};

// What stays of a log: entries up to `last`, of which only the first `items`, when that is given.
struct Cut {
  record::EntryIndex last;
  std::optional<uint32_t> items;
  // Rows made of so many entries hold no more than what stays.
  record::EntryIndex whole() const { return {items ? last.value - 1 : last.value}; }
};

// Where the log ends then. `generation` may be applied further on the way, on the disk up to Cut::whole() at
// most, and is of no use afterwards. Throws std::runtime_error with a sentence when the log does not go so
// far, or does not begin so early; Cancelled.
Cut find_cut(const StoppedData& data, materialize::Generation& generation, const RestorePoint& point,
             const Watch& watch);

// Drops what is behind it. What was told of controls that go is forgotten; the ruleset that holds stays.
void cut_log(StoppedData& data, const Cut& cut);

}  // namespace lode::admin
