// Changes of the ruleset and of the feature level, from the side that asks for them: what the leader puts
// into the log. What comes of it on each node is materialize::Succession's. While this node is its group's
// only member it also says itself when the switch is due.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "ingest/ingest.h"
#include "materialize/succession.h"
#include "raft/replica.h"

namespace lode::node {

class RuleChanges {
 public:
  // All outlive it. `on_level` is told the feature level, by look(), when it is another one.
  RuleChanges(materialize::Succession& succession, raft::Replica& replica, const log::Log& log,
              record::GroupId group, std::function<void(uint64_t level)> on_level);
  ~RuleChanges();  // stop()

  // On the leader, any thread. Nothing: it is proposed, or so already; build() and controls() of the
  // Succession tell when it is there.
  std::optional<ingest::Refusal> propose_ruleset(const std::string& text);
  // What is announced holds from now on. Each node waits for its own build: ask when all are near.
  std::optional<ingest::Refusal> propose_switch();
  std::optional<ingest::Refusal> propose_level(uint64_t level);

  // From now on a thread of its own looks after the switch of a lone node, and after what was succeeded.
  void start();
  void stop();
  // One such look. Not beside start().
  void look();

 private:
  std::optional<ingest::Refusal> propose(const record::Control& control);
  bool is_alone() const;

  materialize::Succession& succession_;
  raft::Replica& replica_;
  const log::Log& log_;
  const record::GroupId group_;
  const std::function<void(uint64_t level)> on_level_;
  uint64_t told_level_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace lode::node
