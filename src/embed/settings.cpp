#include "embed/settings.h"

namespace lode::embed {
namespace {

bool is_for_servers(std::string_view key) {
  if (key == "cluster.id") return false;  // whose folder it is
  return key.starts_with("http.") || key.starts_with("tcp.") || key.starts_with("cluster.") ||
         key == "insecure" || key == "log.format" || key == "log.level" || key == "data_dir";
}

}  // namespace

node::Config config_of(const std::string& folder, const Options& options) {
  for (const auto& [key, value] : options.settings)
    if (is_for_servers(key))
      throw node::InvalidConfig(key + ": it has no effect in an embedded engine; leave it out");
  node::Config config = node::read_config(options.config_file, {}, options.settings);
  const node::Config defaults;
  config.data_dir = folder;
  config.cluster_listen = defaults.cluster_listen;
  config.cluster_advertise = defaults.cluster_advertise;
  config.cluster_peers = defaults.cluster_peers;
  return config;
}

}  // namespace lode::embed
