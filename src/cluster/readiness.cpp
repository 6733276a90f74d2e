#include "cluster/readiness.h"

#include <fmt/format.h>

#include "env/log.h"

namespace lode::cluster {

void Readiness::start() {
  std::lock_guard lock(mutex_);
  leaderless_since_ = clock_.steady_micros();
}

void Readiness::leader_changed(const std::optional<raft::Server>& leader) {
  {
    std::lock_guard lock(mutex_);
    leader_ = leader;
    if (!leader) leaderless_since_ = clock_.steady_micros();
  }
  changed_.notify_all();
}

void Readiness::look(const raft::Status& status, uint64_t applied) {
  std::lock_guard lock(mutex_);
  if (caught_up_ || !status.leader || status.commit.value == 0 || applied < status.commit.value) return;
  caught_up_ = true;
  env::log_info("node.ready", fmt::format("ready: caught up with the cluster at entry {}", applied),
                {{"entry", applied}});
}

bool Readiness::lacks_leader() const {
  const int64_t leaderless = leader_ ? 0 : clock_.steady_micros() - leaderless_since_;
  return leaderless > std::chrono::microseconds(leaderless_).count();
}

bool Readiness::is_leaderless() const {
  std::lock_guard lock(mutex_);
  return lacks_leader();
}

std::string Readiness::trouble(uint64_t applied) const {
  std::lock_guard lock(mutex_);
  if (lacks_leader())
    return "the cluster has no leader: fewer than half of its voters reach each other; reads are served, "
           "writes are refused";
  if (!caught_up_) return "catching up with the cluster: entry " + std::to_string(applied);
  return "";
}

bool Readiness::wait_for_other_leader(raft::NodeId self, std::chrono::milliseconds within) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, within, [&] { return leader_ && leader_->id != self; });
}

}  // namespace lode::cluster
