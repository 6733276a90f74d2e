// What a group asks of the disk. Two implementations: the replica's threads over a log::Log, and the
// simulator's disk. A write that fails throws or ends the process; it is never reported to the group.
#pragma once

#include <vector>

#include "raft/snapshot.h"

namespace lode::raft {

// Entries [first, first + count) for a peer that is behind; fewer when they are more than `bytes` (one at
// least), none when they are gone.
struct ReadRequest {
  NodeId peer;
  uint64_t id = 0;  // given by the group; comes back with the answer
  record::EntryIndex first;
  uint32_t count = 0;
  size_t bytes = 0;
};

class Storage {
 public:
  virtual ~Storage() = default;

  // Durable when it returns.
  virtual void save_vote(record::Term term, NodeId vote) = 0;
  // Soon durable: entries from `first` on replace all that the log has from there on. Writes become durable
  // in the order of the calls; then Group::persisted(last index, epoch), which may skip earlier ones.
  virtual void append(record::EntryIndex first, std::vector<Entry> entries, uint64_t epoch) = 0;
  // Answered by Group::read_done, later, never from within.
  virtual void read(const ReadRequest& request) = 0;
  // Durable when it returns; the entries up to snapshot.index may go then, in the background.
  virtual void save_floor(const Snapshot& snapshot) = 0;
  // Durable when it returns: the log is empty and goes on behind the snapshot. Writes that wait are dropped.
  virtual void install(const Snapshot& snapshot) = 0;
};

}  // namespace lode::raft
