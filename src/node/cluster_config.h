// What of the configuration concerns other nodes.
#pragma once

#include "cluster/settings.h"
#include "node/config.h"

namespace lode::node {

// This node opens a port for others.
bool is_clustered(const Config& config);
// An empty data folder waits to be taken in, instead of beginning on its own.
bool has_peers(const Config& config);
cluster::Settings cluster_settings(const Config& config);
void check_cluster(const Config& config);  // throws InvalidConfig

}  // namespace lode::node
