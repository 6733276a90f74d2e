// Up to which entry the log may be dropped: what must be known before Replica::prune(). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "raft/status.h"

namespace lode::raft {

struct PeerPosition {
  NodeId id;
  bool connected = false;
  record::EntryIndex match;  // PeerProgress::match; 0: not known yet
};

struct Retention {
  record::EntryIndex wanted;  // drop so much, if nothing speaks against it
  record::EntryIndex
      durable;  // the state on this node's disk was made up to here: a start replays from there
  std::optional<record::EntryIndex>
      held;  // of a state that somebody is reading (snapshot::Source::held_entry)
  // Another state is being made of the log, and has read up to here.
  std::optional<record::EntryIndex> rebuilt = {};
  std::vector<PeerPosition> peers;  // the other members
};

struct Prunable {
  record::EntryIndex index;  // for Replica::prune(); 0: nothing
  std::string held_by;       // why it is less than was wanted, a sentence; "" when it is not
};

// `floor`: the log begins behind it now (Status::floor). A peer that is connected and behind gets its entries
// first, and one of which nothing is known yet, after an election, may be such a one. A peer that is not
// connected would hold the log for ever: it gets a state when it comes back. So does one whose match is below
// the floor already.
Prunable prunable(const Retention& retention, record::EntryIndex floor);

// What a leader's status says of the other members.
std::vector<PeerPosition> positions_of(const Status& status, NodeId self,
                                       const std::vector<NodeId>& connected);

}  // namespace lode::raft
