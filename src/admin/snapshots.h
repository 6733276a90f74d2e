// Kept snapshots of the state, from which a replay may start when the log has lost its beginning, or when
// only its end is to be made anew. Hard links at first; they keep tables on the disk that the state has
// merged away. Threads: any.
#pragma once

#include <string>
#include <string_view>

#include "admin/replay.h"

namespace lode::admin {

struct SnapshotRequest {
  bool drop = false;               // else one is made, of what is applied now
  std::optional<uint64_t> folder;  // of those that are dropped; nothing: all
};
// `parameters`: `action` ("create", "drop") and `name` ("snapshot.7").
std::variant<SnapshotRequest, Refusal> parse_snapshot(std::string_view parameters);
std::optional<Refusal> check_snapshot(const ReplayPlace& place, const SnapshotRequest& request);
std::string run_snapshot(const ReplayPlace& place, const SnapshotRequest& request, TaskControl& control);

// Before the log loses its entries up to `last`, which are all in the state's checkpoint: sees to it that a
// replay can start behind them. Throws store::WriteFailed, std::filesystem::filesystem_error.
void keep_snapshot_behind(const ReplayPlace& place, record::EntryIndex last);
// Drops those that the log no longer goes on from.
void drop_lost_snapshots(const ReplayPlace& place);

}  // namespace lode::admin
