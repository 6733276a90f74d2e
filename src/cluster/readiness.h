// Whether clients should be sent to this node: it has caught up with the cluster once since its start, and
// the cluster has a leader. Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "env/clock.h"
#include "raft/status.h"

namespace lode::cluster {

class Readiness {
 public:
  // A cluster without a leader is borne for `leaderless`.
  Readiness(std::chrono::milliseconds leaderless, const env::Clock& clock)
      : leaderless_(leaderless), clock_(clock), leaderless_since_(clock.steady_micros()) {}

  // The group begins; who leads is told before or after.
  void start();
  void leader_changed(const std::optional<raft::Server>& leader);
  // The group is at `status`, and the state at `applied`.
  void look(const raft::Status& status, uint64_t applied);
  // "": ready; else why not. `applied`: as told to whoever asks.
  std::string trouble(uint64_t applied) const;
  // For longer than is borne.
  bool is_leaderless() const;
  // False: nobody but `self` leads when the time is over.
  bool wait_for_other_leader(raft::NodeId self, std::chrono::milliseconds within);

 private:
  bool lacks_leader() const;  // mutex held

  const std::chrono::milliseconds leaderless_;
  const env::Clock& clock_;
  mutable std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  std::optional<raft::Server> leader_;
  int64_t leaderless_since_;  // steady clock; while there is none
  bool caught_up_ = false;
};

}  // namespace lode::cluster
