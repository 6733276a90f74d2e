#include "cluster/members.h"

#include <utility>

#include "raft/configuration.h"

namespace lode::cluster {

namespace {
constexpr int64_t kFarewellMicros = 60'000'000;
}

Members::Members(raft::NodeId self, std::vector<peer::Peer> configured) : self_(self) {
  for (peer::Peer& peer : configured) configured_.emplace(peer.id, std::move(peer.address));
}

void Members::configure(const raft::Configuration& configuration, int64_t now_micros) {
  std::lock_guard lock(mutex_);
  for (const raft::Server& server : configuration_.servers) {
    if (raft::find(configuration, server.id)) continue;
    leaving_[server.id] = {address_of_locked(server.id), now_micros + kFarewellMicros};
    heard_.erase(server.id);
  }
  for (const raft::Server& server : configuration.servers) leaving_.erase(server.id);
  configuration_ = configuration;
}

void Members::heard(const Facts& facts, int64_t now_micros) {
  std::lock_guard lock(mutex_);
  heard_[facts.node] = {facts, now_micros};
}

void Members::told_address(raft::NodeId node, const std::string& address) {
  if (address.empty()) return;
  std::lock_guard lock(mutex_);
  told_[node] = address;
}

void Members::forget(raft::NodeId node) {
  std::lock_guard lock(mutex_);
  heard_.erase(node);
}

raft::Configuration Members::configuration() const {
  std::lock_guard lock(mutex_);
  return configuration_;
}

std::optional<Members::Heard> Members::last_heard(raft::NodeId node) const {
  std::lock_guard lock(mutex_);
  const auto found = heard_.find(node);
  return found == heard_.end() ? std::nullopt : std::optional(found->second);
}

std::string Members::address_of_locked(raft::NodeId node) const {
  if (const auto found = configured_.find(node); found != configured_.end()) return found->second;
  if (const auto found = told_.find(node); found != told_.end()) return found->second;
  const raft::Server* server = raft::find(configuration_, node);
  return server ? server->address : "";
}

std::string Members::address_of(raft::NodeId node) const {
  std::lock_guard lock(mutex_);
  return address_of_locked(node);
}

std::vector<peer::Peer> Members::peers(int64_t now_micros) const {
  std::lock_guard lock(mutex_);
  std::vector<peer::Peer> out;
  for (const raft::Server& server : configuration_.servers) {
    const std::string address = address_of_locked(server.id);
    if (server.id != self_ && !address.empty()) out.push_back({server.id, address});
  }
  for (const auto& [node, leaver] : leaving_) {
    if (node != self_ && now_micros < leaver.until_micros && !leaver.address.empty())
      out.push_back({node, leaver.address});
  }
  return out;
}

}  // namespace lode::cluster
