#include "node/retention_node.h"

namespace lode::node {

namespace {

// Who looks does not hold a lock: what is found may be older than now, and then holds back more.
raft::Retention holders(const RetentionParts& parts) {
  raft::Retention out;
  out.durable = {parts.current.get()->state().checkpoint().entry_index};
  if (parts.is_rebuilding()) out.rebuilt = record::EntryIndex{};
  if (!parts.cluster) return out;
  const cluster::Report report = parts.cluster->report();
  out.held = report.held;
  if (!report.group) return out;
  std::vector<raft::NodeId> connected;
  for (const peer::LinkStatus& link : report.links)
    if (link.connected) connected.push_back(link.node);
  out.peers = raft::positions_of(*report.group, report.own.node, connected);
  return out;
}

}  // namespace

LogRetention::Node retention_node(const RetentionParts& parts) {
  return {.log = parts.log,
          .group = parts.group,
          .clock = parts.clock,
          .holders = [parts] { return holders(parts); },
          .applied = [parts] { return parts.current.get()->materializer().applied_entry(); },
          .make_durable =
              [parts] {
                const auto held = parts.current.hold();
                parts.current.get()->materializer().end_epoch_early();
              },
          .prune = [parts](record::EntryIndex index) { return parts.replica.prune(index); }};
}

}  // namespace lode::node
