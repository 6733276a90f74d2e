// A node's place among the others: carries the group's messages, brings proposals to the leader wherever it
// is, takes nodes in and lets them go, compares the nodes' state hashes, and hands over before it stops.
//
// Threads: one of its own (membership, facts, comparison; every quarter of a second), beside the transport's.
// Calls: any thread, unless said otherwise.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cluster/command.h"
#include "cluster/host.h"
#include "cluster/report.h"
#include "cluster/settings.h"
#include "ingest/forwarder.h"
#include "ingest/ingest.h"
#include "raft/network.h"
#include "raft/replica.h"

namespace lode::cluster {

class Cluster final : public raft::Network, public ingest::Forwarder {
 public:
  // Binds the peer listener: throws std::runtime_error with a sentence. All of it outlives the cluster.
  Cluster(Settings settings, Host& host, log::Log& log, const env::Clock& clock);
  ~Cluster() override;  // stop()

  // What the replica is to tell goes to `apply`, and what concerns the members to the cluster as well.
  raft::Listener& listener(raft::Listener& apply);

  // An empty node that others are named to: it is taken in, or told to init.
  bool is_waiting() const;
  bool is_new() const;  // the folder is of no cluster yet
  // Of a folder that is a group already: gives it a cluster id where it has none.
  void keep_identity();
  // Without a replica: waits to be taken in.
  void start_waiting();
  // Without a replica, of a member whose log does not reach back to its state: fetches a state at `least` or
  // further from another member, has the node serve it, and restarts.
  void start_fetching(record::EntryIndex least);
  bool is_fetching() const;
  void start(raft::Replica& replica, ingest::Ingest& ingest);
  // Where clients reach this node; told to the others.
  void set_client_addresses(const std::string& http, const std::string& tcp);
  // When this node leads others, another one leads when it returns, or the time is over.
  void hand_over(std::chrono::milliseconds within);
  void stop();

  // A committed entry of the log, from another node that has it; nothing when none does. Blocks for seconds
  // at most. Once started.
  std::optional<log::StoredEntry> fetch_entry(record::EntryIndex index);
  std::string id_text() const;  // of the cluster; "" of none

  void command(const Command& command, std::function<void(CommandAnswer)> done);
  Report report() const;
  std::string status_json() const;
  struct Leader {
    bool self = false;
    uint64_t id = 0;
    std::string http, tcp;  // "" when it has not said
  };
  std::optional<Leader> leader() const;
  // The leader's applied offset at a moment after the call.
  void barrier(std::function<void(std::optional<ingest::Refusal>, int64_t offset)> done);
  // "" when the node is one that clients should be sent to, else why not.
  std::string not_ready() const;
  // Not ready for want of what is not this node's to do: an operator's word, or a leader.
  bool waits_for_others() const;
  // Certificates are read again, for connections made from now on. Throws std::runtime_error with a sentence,
  // and then keeps those it has.
  void reload_tls();
  // "" when what is applied here may be read, else why not. A node that is behind, or without a leader, is
  // read.
  std::string not_readable() const;

  void send(raft::NodeId to, const std::string& address, raft::Message message) override;
  void forward(raft::NodeId leader, std::vector<std::shared_ptr<const std::string>> payloads,
               std::chrono::milliseconds timeout, std::function<void(ingest::Forwarded)> done) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::cluster
