// How a cluster comes to be on this node: from an empty folder by an operator's `init`, or, when the others
// are lost, out of this node alone. What it says with status 200 holds after a restart of the engine. Any
// thread.
#pragma once

#include <cstdint>

#include "cluster/command.h"
#include "cluster/identity.h"
#include "cluster/settings.h"
#include "raft/replica.h"

namespace lode::cluster {

class Founding {
 public:
  // All of it outlives this.
  Founding(const Settings& settings, Identity& identity, log::Log& log)
      : settings_(settings), identity_(identity), log_(log) {}

  // The cluster begins with this node at `address`; the peers that are configured are taken in by it.
  CommandAnswer init(const std::string& address);
  // `meant`: the node that the operator named. `replica`: null while the node is of no cluster.
  CommandAnswer recover_alone(uint64_t meant, const raft::Replica* replica);

 private:
  const Settings& settings_;
  Identity& identity_;
  log::Log& log_;
};

}  // namespace lode::cluster
