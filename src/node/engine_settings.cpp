#include "node/engine_settings.h"

#include <algorithm>

namespace lode::node {

raft::Server self_of(const Config& config) {
  const std::string& address =
      config.cluster_advertise.empty() ? config.cluster_listen : config.cluster_advertise;
  return {{config.cluster_id}, address, raft::Role::voter};
}

raft::ReplicaSettings replica_settings(const Config& config) {
  raft::ReplicaSettings settings;
  settings.group.engine.id = {config.cluster_id};
  settings.group.engine.address = self_of(config).address;
  settings.group.engine.election_ms = static_cast<uint32_t>(config.election_ms);
  settings.group.engine.heartbeat_ms = static_cast<uint32_t>(config.heartbeat_ms);
  // An entry holds one event at least; what zstd can't make smaller grows by a little.
  settings.group.entry_bytes = std::max<size_t>(settings.group.entry_bytes, 2 * config.event_bytes);
  return settings;
}

}  // namespace lode::node
