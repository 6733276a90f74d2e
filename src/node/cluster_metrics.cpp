#include "node/cluster_metrics.h"

#include <algorithm>
#include <functional>

#include "node/metric_families.h"

namespace lode::node {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

std::vector<ClientMetric> of_peers(const cluster::Report& report, bool counts,
                                   const std::function<double(const peer::LinkStatus&)>& value) {
  std::vector<ClientMetric> out;
  for (const peer::LinkStatus& link : report.links) {
    const std::string node = std::to_string(link.node.value);
    out.push_back(counts ? counted(value(link), "node", node) : gauged(value(link), "node", node));
  }
  return out;
}

void add_links(const cluster::Report& report, std::vector<MetricFamily>& out) {
  if (report.links.empty()) return;
  out.push_back(gauges("lode_peer_connected", "1 while this node is connected to that one.",
                       of_peers(report, false, [](const auto& link) { return link.connected ? 1.0 : 0.0; })));
  out.push_back(gauges("lode_peer_round_trip_seconds", "Of the last ping; 0 when not connected.",
                       of_peers(report, false, [](const auto& link) {
                         return static_cast<double>(link.round_trip_micros.value_or(0)) / 1e6;
                       })));
  out.push_back(counter("lode_peer_sent_bytes_total", "Sent to that node.",
                        of_peers(report, true, [](const auto& link) { return as_double(link.sent_bytes); })));
  out.push_back(
      counter("lode_peer_received_bytes_total", "Received from that node.",
              of_peers(report, true, [](const auto& link) { return as_double(link.received_bytes); })));
  out.push_back(
      counter("lode_peer_dropped_messages_total",
              "Messages that could not go out: not connected, or too much waited.",
              of_peers(report, true, [](const auto& link) { return as_double(link.dropped_messages); })));
}

void add_group(const cluster::Report& report, std::vector<MetricFamily>& out) {
  const raft::Status& group = *report.group;
  out.push_back(gauge("lode_cluster_term", "Term of the group.", as_double(group.term.value)));
  out.push_back(
      gauge("lode_cluster_leading", "1 on the node that leads.", group.state == raft::State::leader ? 1 : 0));
  out.push_back(gauge("lode_cluster_has_leader", "1 while this node knows a leader.", group.leader ? 1 : 0));
  out.push_back(gauge("lode_cluster_members", "Nodes of the configuration, standbys too.",
                      as_double(group.configuration.servers.size())));
  out.push_back(gauge("lode_cluster_commit_entry", "The last log entry known as committed.",
                      as_double(group.commit.value)));
  out.push_back(gauge("lode_cluster_persisted_entry", "The last log entry on this node's disk.",
                      as_double(group.persisted.value)));
  out.push_back(gauge("lode_cluster_open_proposals", "Entries proposed here and not committed yet.",
                      as_double(group.open_proposals)));
  std::vector<ClientMetric> behind;
  for (const raft::PeerProgress& peer : group.peers)
    behind.push_back(gauged(as_double(group.last.value - std::min(peer.match.value, group.last.value)),
                            "node", std::to_string(peer.server.id.value)));
  if (!behind.empty())
    out.push_back(gauges("lode_cluster_peer_behind_entries",
                         "On the leader: log entries that the node is not known to have.",
                         std::move(behind)));
}

}  // namespace

std::vector<MetricFamily> families_of(const cluster::Report& report) {
  std::vector<MetricFamily> out;
  if (report.group) add_group(report, out);
  add_links(report, out);
  out.push_back(gauge("lode_cluster_divergence",
                      "1 when a node's state hash differed from the others' at the same log entry.",
                      report.divergence ? 1 : 0));
  out.push_back(gauge("lode_cluster_agreed_entry",
                      "The newest log entry at which all members are known to have had the same state hash.",
                      as_double(report.agreed_entry)));
  return out;
}

}  // namespace lode::node
