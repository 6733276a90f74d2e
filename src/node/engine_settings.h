// The replica's settings, out of the configuration. Pure.
#pragma once

#include "node/config.h"
#include "raft/replica.h"

namespace lode::node {

raft::ReplicaSettings replica_settings(const Config& config);
// This node, as a voter.
raft::Server self_of(const Config& config);

}  // namespace lode::node
