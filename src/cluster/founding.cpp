#include "cluster/founding.h"

#include <fmt/format.h>

#include <string>

#include "env/log.h"
#include "raft/recovery.h"

namespace lode::cluster {

CommandAnswer Founding::init(const std::string& address) {
  if (!identity_.cluster().none())
    return refuse(409, "already_in_cluster",
                  "This node is of cluster " + identity_.cluster().text() + " already.");
  std::vector<peer::Peer> founders = settings_.peers;
  std::erase_if(founders, [this](const peer::Peer& peer) { return peer.id == settings_.node; });
  identity_.set_founding(founders);
  identity_.add_members({settings_.node.value});
  raft::bootstrap(log_, record::GroupId{0}, {{{settings_.node, address, raft::Role::voter}}});
  identity_.set_cluster(random_cluster_id());
  const std::string cluster = identity_.cluster().text();
  env::log_info(
      "cluster.founded",
      fmt::format("cluster {} begins with this node; {} others are taken in", cluster, founders.size()),
      {{"cluster", cluster}, {"others", founders.size()}});
  std::string nodes = std::to_string(settings_.node.value);
  for (const peer::Peer& founder : founders) nodes += "," + std::to_string(founder.id.value);
  return {200, {}, fmt::format(R"({{"done":false,"cluster":"{}","nodes":[{}]}})", cluster, nodes)};
}

CommandAnswer Founding::recover_alone(uint64_t meant, const raft::Replica* replica) {
  if (meant != settings_.node.value)
    return refuse(409, "wrong_node",
                  fmt::format("This is node {}, not node {}.", settings_.node.value, meant));
  if (!replica) return refuse(409, "not_in_cluster", "This node is of no cluster yet.");
  if (replica->status().leader)
    return refuse(409, "has_leader",
                  "The cluster has a leader: `lodectl cluster remove` takes out who is lost.");
  identity_.set_founding({});
  identity_.set_cluster(random_cluster_id());
  const std::string cluster = identity_.cluster().text();
  env::log_critical(
      "cluster.unsafe_recover",
      fmt::format("unsafe-recover: by an operator's command this node goes on alone, as cluster {}, with its "
                  "log; what "
                  "others have beyond it is lost, and they must not be started with their data again",
                  cluster),
      {{"cluster", cluster}});
  return {200, {}, fmt::format(R"({{"done":false,"cluster":"{}"}})", cluster)};
}

}  // namespace lode::cluster
