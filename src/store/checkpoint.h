// What the state on a disk stands for: the place in the log that it was made up to. Plain values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lode::store {

class Snapshot;

struct Checkpoint {
  uint64_t next_offset = 0;   // records [0, next_offset) are applied
  uint64_t entry_index = 0;   // the last log entry applied
  int64_t record_micros = 0;  // receive time of the last record applied
  uint64_t ruleset_hash = 0;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};
std::string encode_checkpoint(const Checkpoint& checkpoint);
std::optional<Checkpoint> decode_checkpoint(std::string_view bytes);
inline constexpr std::string_view kCheckpointKey = "checkpoint";  // in kMetaFamily
bool is_checkpointed(const Snapshot& snapshot);                   // false: of an empty state
Checkpoint checkpoint_of(const Snapshot& snapshot);               // all zero: likewise; throws Damaged

}  // namespace lode::store
