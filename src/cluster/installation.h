// Brings a state here from another node when the leader's log begins behind what this node has: fetches its
// files and the ruleset that they were made under, has the node serve it, and lets the log go on behind it.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "cluster/exchange.h"
#include "cluster/host.h"
#include "cluster/join.h"
#include "cluster/members.h"
#include "peer/network.h"
#include "raft/replica.h"
#include "snapshot/fetch.h"

namespace lode::cluster {

// Owns a thread. begin() and stop() from any.
class Installation {
 public:
  Installation(std::filesystem::path folder, uint64_t reserved_disk_bytes, Host& host, Members& members,
               peer::Network& network);
  ~Installation();  // stop()

  void start(raft::Replica& replica);
  // As raft::Listener::install(). One at a time: another one takes the place of what waits.
  void begin(const raft::Snapshot& snapshot, const raft::Server& leader);
  // In place of both, without a replica: a state at `least` or further, from whoever has one, until it is
  // here; then `done`.
  void start(record::EntryIndex least, std::function<void()> done);
  std::pair<uint64_t, uint64_t> bytes() const;  // of how many; 0 of 0 while nothing is fetched
  std::string text() const;                     // how far it is, a sentence
  void stop();

 private:
  struct Wanted {
    raft::Snapshot snapshot;
    raft::NodeId leader;  // 0: whoever is connected
  };
  snapshot::FetchProgress progress() const;
  void run();
  void run_alone(record::EntryIndex least, const std::function<void()>& done);
  bool install_safely(const Wanted& wanted);
  std::optional<raft::NodeId> connected_after(raft::NodeId node) const;
  bool install(const Wanted& wanted);
  std::optional<Join> ask_pack(raft::NodeId node);
  bool fetch(const Wanted& wanted, const Join& pack);

  const std::filesystem::path folder_;
  const uint64_t reserved_disk_bytes_;
  Host& host_;
  Members& members_;
  peer::Network& network_;
  raft::Replica* replica_ = nullptr;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<Wanted> wanted_;
  std::shared_ptr<snapshot::Fetch> fetch_;  // while one runs
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace lode::cluster
