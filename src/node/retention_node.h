// What retention asks of a node, and has it do. Wiring.
#pragma once

#include "admin/replay.h"
#include "cluster/cluster.h"
#include "materialize/current.h"
#include "node/log_retention.h"
#include "raft/replica.h"

namespace lode::node {

struct RetentionParts {
  const log::Log& log;
  record::GroupId group;
  const env::Clock& clock;
  materialize::Current& current;
  raft::Replica& replica;
  const cluster::Cluster* cluster;  // null: the node is alone
  const admin::ReplayPlace replay;  // a replay shall be able to start behind what is dropped
};

// What speaks for other nodes that may want entries of this one; of one that is alone nobody.
raft::Retention peer_holders(const cluster::Cluster* cluster);

// The parts outlive what is answered.
LogRetention::Node retention_node(const RetentionParts& parts);

}  // namespace lode::node
