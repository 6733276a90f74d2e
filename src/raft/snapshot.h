// What a group knows about the part of the log that is not there any more: its last entry, and the
// configuration at it. The state itself is kept and streamed by others.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "raft/message.h"

namespace lode::raft {

struct Snapshot {
  record::EntryIndex index;  // of the last entry that it stands for
  record::Term term;         // of that entry
  Configuration configuration;
  record::EntryIndex configuration_index;
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

// Bytes: version 1, then index, term, configuration index (8 bytes each, big-endian), then the configuration.
std::string encode(const Snapshot& snapshot);
std::optional<Snapshot> decode_snapshot(std::string_view bytes);

}  // namespace lode::raft
