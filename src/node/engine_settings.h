// The engine's parts' settings, out of the configuration. Pure.
#pragma once

#include "ingest/ingest.h"
#include "node/config.h"
#include "raft/replica.h"

namespace lode::node {

ingest::Settings ingest_settings(const Config& config);
raft::ReplicaSettings replica_settings(const Config& config);
// This node, as a voter.
raft::Server self_of(const Config& config);

}  // namespace lode::node
