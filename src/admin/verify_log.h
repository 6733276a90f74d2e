// Reads a log from its beginning to its end: every checksum, every record batch as replay would take it, and
// the batch index against it.
#pragma once

#include <functional>
#include <vector>

#include "admin/damage.h"
#include "admin/stopped_data.h"
#include "admin/watch.h"
#include "sequence/batch_index.h"

namespace lode::admin {

// Calls `good` for each entry that can be read, with the number of its records, and `bad` for each other one,
// ascending. A log that has lost whole files has many of those: from kMostDamaged on it ends. Threads: as
// Log::scan().
inline constexpr size_t kMostDamaged = 10'000;
void read_entries(const log::Log& log, record::EntryIndex first,
                  const std::function<void(const log::StoredEntry& entry, uint32_t records)>& good,
                  const std::function<void(record::EntryIndex entry, const std::string& what)>& bad);

struct LogCheck {
  uint64_t entries = 0, records = 0, bytes = 0;  // that were read
  std::vector<Damage> damage;
};

// `generation`: the state whose batch index is looked at; null: none. It is not applied to. Throws Cancelled,
// store::Damaged when the index itself can't be read.
LogCheck check_log(const StoppedData& data, const materialize::Generation* generation, const Watch& watch);

}  // namespace lode::admin
