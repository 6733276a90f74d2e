#include "raft/retention.h"

#include <algorithm>

namespace lode::raft {

namespace {

void hold(Prunable& so_far, record::EntryIndex at, std::string why) {
  if (at >= so_far.index) return;
  so_far = {at, std::move(why)};
}

std::string entry(record::EntryIndex index) { return "entry " + std::to_string(index.value); }

}  // namespace

Prunable prunable(const Retention& retention, record::EntryIndex floor) {
  Prunable result{retention.wanted, ""};
  hold(result, retention.durable, "the state on the disk is at " + entry(retention.durable));
  if (retention.held)
    hold(result, *retention.held, "a state at " + entry(*retention.held) + " is being read by another node");
  if (retention.rebuilt) hold(result, *retention.rebuilt, "the log is being read to make a state anew");
  for (const PeerPosition& peer : retention.peers) {
    const bool unknown = peer.match.value == 0;
    if (!peer.connected || (!unknown && peer.match < floor)) continue;
    const std::string name = "node " + std::to_string(peer.id.value) + " is connected and ";
    hold(result, peer.match,
         name + (unknown ? "has not said how much it has" : "has the log up to " + entry(peer.match)));
  }
  if (result.index <= floor) result.index = {};
  return result;
}

std::vector<PeerPosition> positions_of(const Status& status, NodeId self,
                                       const std::vector<NodeId>& connected) {
  std::vector<PeerPosition> positions;
  for (const PeerProgress& peer : status.peers) {
    if (peer.server.id == self) continue;
    const bool there = std::find(connected.begin(), connected.end(), peer.server.id) != connected.end();
    positions.push_back({peer.server.id, there, peer.match});
  }
  return positions;
}

}  // namespace lode::raft
