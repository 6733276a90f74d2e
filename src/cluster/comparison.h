// Whether the nodes of a cluster hold the same rows: compares the state hashes that they took at the same log
// entries. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "cluster/facts.h"

namespace lode::cluster {

struct Divergence {
  uint64_t entry = 0;               // the first one at which they differ, as far as is known
  std::vector<raft::NodeId> nodes;  // those whose hash is not that of most; ascending
};

class Comparison {
 public:
  // Of this node or another one; marks may come again.
  void add(raft::NodeId node, const std::vector<Mark>& marks);
  // Forgets a node: it left, or its state is a new one.
  void forget(raft::NodeId node);
  const std::optional<Divergence>& divergence() const { return divergence_; }
  // The newest entry at which every one of `nodes` has the same hash; 0: none yet.
  uint64_t agreed(const std::vector<raft::NodeId>& nodes) const;

 private:
  void judge(uint64_t entry, const std::map<raft::NodeId, store::Digest>& hashes);

  std::map<uint64_t, std::map<raft::NodeId, store::Digest>> by_entry_;
  std::optional<Divergence> divergence_;
};

}  // namespace lode::cluster
