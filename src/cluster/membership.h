// The leader's side of who belongs to the cluster: one change at a time, what can't be done yet is tried
// again for a while, and the first members are taken in one after the other. Any thread, except tick() and
// configured().
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "cluster/command.h"
#include "cluster/host.h"
#include "cluster/identity.h"
#include "cluster/members.h"
#include "env/clock.h"
#include "raft/replica.h"

namespace lode::cluster {

class Membership {
 public:
  using Done = std::function<void(CommandAnswer)>;

  Membership(raft::NodeId self, uint32_t newest_level, Identity& identity, Members& members, Host& host,
             const env::Clock& clock);

  // From the cluster's thread, from then on.
  void start(raft::Replica& replica) { replica_ = &replica; }
  // A command that is for the leader, on a node that leads. Not leading any more: 503 `no_leader`, and
  // nothing was done.
  void execute(const Command& command, Done done);
  void configured(const raft::Configuration& configuration);
  // Tries again what waits, and goes on with the first members. Cluster's thread.
  void tick();
  // Answers what waits.
  void stop();

 private:
  struct Waiting {
    Command command;
    Done done;
    int64_t deadline_micros = 0;
  };
  // Nothing: not now, try again.
  std::optional<CommandAnswer> attempt(const Command& command);
  std::optional<CommandAnswer> answer(raft::Changed changed, const Command& command);
  CommandAnswer add(const Command& command, raft::Changed& changed);
  CommandAnswer finalize();
  std::vector<uint64_t> short_logs() const;
  void take_in_founders();

  const raft::NodeId self_;
  const uint32_t newest_level_;
  Identity& identity_;
  Members& members_;
  Host& host_;
  const env::Clock& clock_;
  raft::Replica* replica_ = nullptr;
  std::mutex mutex_;
  std::vector<Waiting> waiting_;
  bool stopped_ = false;
};

}  // namespace lode::cluster
