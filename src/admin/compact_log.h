// Compaction of the log: superseded upserts become gaps, and old entries go into chunks (log/chunk.h), in
// less room. What replay makes of the log stays the same at every offset.
//
// In stages: plan what may go (compact_plan.h); decide it through the log, so that every node of a group cuts
// alike; raise the group's floor, behind which entries are nobody's to send; write chunk after chunk, each in
// one step; give the disk back. A kill anywhere leaves a whole log, and what was decided is carried out at
// the next occasion. Threads: one call at a time.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "admin/compact_plan.h"
#include "admin/tasks.h"
#include "materialize/succession.h"
#include "record/control.h"

namespace lode::admin {

// All outlive the calls.
struct CompactPlace {
  log::Log& log;
  record::GroupId group;
  const store::Hasher& hasher;
  materialize::Succession& succession;
  // Proposes it to the group; what comes of it is seen when it is applied. Throws std::runtime_error with a
  // sentence.
  std::function<void(const record::Control&)> decide;
  struct Floor {
    record::EntryIndex index;  // entries up to there may go into chunks
    std::string held_by;       // why it is less than was wanted; ""
  };
  // Raises the group's floor up to `wanted`, as far as may be; a dry run only says how far.
  std::function<Floor(record::EntryIndex wanted, bool dry_run)> raise_floor;
  std::function<uint64_t()> free_bytes;  // of the log's disk
  uint64_t reserved_bytes = 0;           // that are left free
};

struct CompactRequest {
  std::optional<Point> before;
  bool dry_run = false;
  bool decided = false;  // only carry out what the log says already
};
// `parameters`: `before`, `dry_run`, `decided`.
std::variant<CompactRequest, Refusal> parse_compact(std::string_view parameters);

// Does it and answers the result, a JSON object; "" when the control ended it: what was written stays, and is
// right. Throws std::exception with a sentence.
std::string run_compact_log(const CompactPlace& place, const CompactRequest& request, std::string_view memo,
                            TaskControl& control);

}  // namespace lode::admin
