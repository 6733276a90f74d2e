// What a node knows of its group at a moment. Plain values.
#pragma once

#include <optional>
#include <vector>

#include "raft/message.h"

namespace lode::raft {

enum class State { follower, candidate, leader };

struct PeerProgress {
  Server server;
  record::EntryIndex match;  // it certainly has the log up to here; 0: not heard from yet
};

struct Status {
  State state = State::follower;
  record::Term term;
  std::optional<Server> leader;  // address empty: known by id only
  record::EntryIndex floor;      // the log begins behind it
  record::EntryIndex last;
  record::EntryIndex persisted;
  record::EntryIndex commit;
  record::EntryIndex delivered;  // told as committed
  Configuration configuration;   // the newest, committed or not
  record::EntryIndex configuration_index;
  bool changing = false;            // `configuration` is not committed yet
  bool installing = false;          // waits for a state from the leader
  NodeId transferring_to;           // 0: no hand-over under way
  std::vector<PeerProgress> peers;  // leader only
  size_t open_proposals = 0;
  size_t open_bytes = 0;
};

}  // namespace lode::raft
