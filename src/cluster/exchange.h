// What this node says of itself and hears of the others: facts once a second, the pack that an empty member
// needs, and the comparison of state hashes. Cluster's thread, unless said otherwise.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cluster/comparison.h"
#include "cluster/host.h"
#include "cluster/identity.h"
#include "cluster/members.h"
#include "cluster/settings.h"
#include "env/clock.h"
#include "peer/network.h"
#include "raft/replica.h"

namespace lode::cluster {

class Exchange {
 public:
  static constexpr uint8_t kFactsKind = 2, kJoinKind = 6, kPackKind = 7;

  // `fetch` is asked for the progress of a snapshot that comes in.
  using Fetch = std::function<std::pair<uint64_t, uint64_t>()>;
  Exchange(const Settings& settings, Identity& identity, Members& members, Host& host, log::Log& log,
           const env::Clock& clock, Fetch fetch);

  // Makes the handlers known. Before the network's start.
  void attach(peer::Network& network);
  void start(raft::Replica* replica) { replica_ = replica; }  // null: waits to be taken in
  void tick();

  // Any thread.
  Facts own() const;
  void set_client_addresses(const std::string& http, const std::string& tcp);
  void set_removed() { removed_ = true; }
  void set_fetching() { fetching_ = true; }  // without a replica
  bool is_removed() const { return removed_; }
  // This node's, when its group is at `status`.
  Place place_in(const raft::Status& status) const;
  std::optional<Divergence> divergence() const;
  uint64_t agreed() const;      // Comparison::agreed() of all members
  std::string trouble() const;  // why this empty node is not taken in; ""

 private:
  void refresh();
  void poll();
  void heard(raft::NodeId from, const Facts& facts);
  Join pack() const;
  void send_join(raft::NodeId to);
  void answer_facts(const peer::Request& request, const peer::Responder& responder);
  void answer_join(const peer::Request& request, const peer::Responder& responder);
  void compare();

  const Settings& settings_;
  Identity& identity_;
  Members& members_;
  Host& host_;
  log::Log& log_;
  const env::Clock& clock_;
  const Fetch fetch_;
  peer::Network* network_ = nullptr;
  raft::Replica* replica_ = nullptr;
  int64_t polled_micros_ = INT64_MIN;
  std::atomic<bool> removed_ = false, fetching_ = false;

  mutable std::mutex mutex_;  // of all below
  Facts own_;
  std::string http_, tcp_, trouble_;
  std::vector<raft::NodeId> to_join_;  // empty members that were heard
  Comparison comparison_;
  bool told_divergence_ = false;
  std::set<uint64_t> told_wiped_;  // nodes
};

}  // namespace lode::cluster
