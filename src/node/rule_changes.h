// Changes of the ruleset and of the feature level, from the side that asks for them: what the leader puts
// into the log. What comes of it on each node is materialize::Succession's. While this node is its group's
// only member it also says itself when the switch is due.
//
// Controls go into the log one at a time: a leader proposes one once it has applied all that it had when it
// was elected, and the one before. So what it decides by (what holds, what is announced) is still the case
// where the control is applied, and of two changes made from the same ruleset the second is refused.
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
  // The same of one that was made from `in_force`: refused when that does not hold any more, 409
  // `ruleset_changed`, or another one is being built, 409 `change_in_progress`.
  std::optional<ingest::Refusal> propose_change(const materialize::Ruleset& next,
                                                const materialize::ControlState::Rules& in_force);
  // What is announced is taken back: 409 `nothing_announced` when nothing is.
  std::optional<ingest::Refusal> propose_cancel();
  // What is announced holds from now on. Each node waits for its own build: ask when all are near.
  std::optional<ingest::Refusal> propose_switch();
  std::optional<ingest::Refusal> propose_level(uint64_t level);

  // From now on a thread of its own looks after the switch of a lone node, and after what was succeeded.
  void start();
  void stop();
  // One such look. Not beside start().
  void look();

 private:
  // What to propose as things stand: a control, or why none (nothing: it is so already).
  struct Decision {
    std::optional<record::Control> control;
    std::optional<ingest::Refusal> refusal;
  };
  using Decide = std::function<Decision(const materialize::ControlState& now)>;
  // Refused with 503 while the control before is on its way.
  std::optional<ingest::Refusal> decide(const Decide& by);
  bool knows_all(const raft::Status& status);
  std::optional<ingest::Refusal> propose(const record::Control& control);
  Decision announce(const materialize::ControlState& now, const materialize::Ruleset& ruleset) const;
  bool is_alone() const;

  materialize::Succession& succession_;
  raft::Replica& replica_;
  const log::Log& log_;
  const record::GroupId group_;
  const std::function<void(uint64_t level)> on_level_;
  uint64_t told_level_ = 0;
  std::mutex deciding_;  // the next two
  struct Term {
    record::Term term;
    record::EntryIndex last;  // in the log when this node was first seen to lead it
  };
  Term leads_;
  struct Proposal {
    record::Term term;
    uint64_t behind = 0;  // the last control that was applied then
  };
  std::optional<Proposal> proposed_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace lode::node
