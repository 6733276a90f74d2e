// What a compaction of the log decides: which records become gaps, and up to which entry the log is brought
// into chunks. Reads the whole log, and changes nothing.
#pragma once

#include <optional>

#include "admin/point.h"
#include "admin/watch.h"
#include "log/log.h"
#include "materialize/current.h"

namespace lode::admin {

struct CompactPlan {
  record::EntryIndex last;              // up to which the log is compacted
  record::EntryIndex last_batch;        // that has records, of those
  std::vector<record::Offset> dropped;  // of records that are none yet
  uint64_t upserts = 0;                 // that were looked at, those that are gaps not among them
  uint64_t records = 0;                 // up to `last`
};

struct CompactSource {
  const log::Log& log;
  record::GroupId group;
  const store::Hasher& hasher;
  const materialize::Current& current;
};

// Of what is applied now. `before`: the entry that holds that record, or a later one, stays as it is. Throws
// Cancelled, record::Corruption.
CompactPlan plan_compaction(const CompactSource& source, const std::optional<Point>& before,
                            const Watch& watch);

}  // namespace lode::admin
