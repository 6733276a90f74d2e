#include "node/retention_node.h"

#include "admin/snapshots.h"

namespace lode::node {

namespace {

// The log is being read for rows of another ruleset, or by a replay.
bool is_rebuilding(materialize::Succession& succession) {
  return succession.build() || !succession.bystanders().in(materialize::Bystander::Role::building).empty();
}

// Who looks does not hold a lock: what is found may be older than now, and then holds back more.
raft::Retention holders(const RetentionParts& parts) {
  raft::Retention out = peer_holders(parts.cluster);
  out.durable = {parts.current.get()->state().checkpoint().entry_index};
  if (is_rebuilding(parts.replay.succession)) out.rebuilt = record::EntryIndex{};
  return out;
}

}  // namespace

raft::Retention peer_holders(const cluster::Cluster* cluster) {
  raft::Retention out;
  if (!cluster) return out;
  const cluster::Report report = cluster->report();
  out.held = report.held;
  if (!report.group) return out;
  std::vector<raft::NodeId> connected;
  for (const peer::LinkStatus& link : report.links)
    if (link.connected) connected.push_back(link.node);
  out.peers = raft::positions_of(*report.group, report.own.node, connected);
  return out;
}

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
          .prune =
              [parts](record::EntryIndex index) {
                admin::keep_snapshot_behind(parts.replay, index);
                const record::EntryIndex floor = parts.replica.prune(index);
                admin::drop_lost_snapshots(parts.replay);
                return floor;
              }};
}

}  // namespace lode::node
