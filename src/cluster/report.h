// What a node knows of itself and its cluster at a moment, for status and metrics. Plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cluster/comparison.h"
#include "cluster/facts.h"
#include "peer/link_status.h"
#include "raft/status.h"

namespace lode::cluster {

struct Report {
  Facts own;                          // at most a quarter of a second old
  std::string address;                // where other nodes call this one
  std::optional<raft::Status> group;  // none: waits to be taken in
  std::vector<peer::LinkStatus> links;
  std::optional<Divergence> divergence;
  uint64_t agreed_entry = 0;               // the newest at which all members had the same state hash
  std::optional<record::EntryIndex> held;  // of a state that another node reads here: the log behind it stays
  std::string trouble;                     // why this empty node is not taken in; ""
};

}  // namespace lode::cluster
