#include "node/rule_changes.h"

#include <pthread.h>

#include <chrono>

namespace lode::node {

namespace {

using record::Control;
using Refused = std::optional<ingest::Refusal>;

Refused refuse(int status, const char* code, std::string detail) {
  return ingest::Refusal{status, {code, "", std::move(detail)}, status == 503 ? 1u : 0u};
}

}  // namespace

RuleChanges::RuleChanges(materialize::Succession& succession, raft::Replica& replica, const log::Log& log,
                         record::GroupId group, std::function<void(uint64_t)> on_level)
    : succession_(succession), replica_(replica), log_(log), group_(group), on_level_(std::move(on_level)) {}

RuleChanges::~RuleChanges() { stop(); }

Refused RuleChanges::propose(const Control& control) {
  auto payload = std::make_shared<const std::string>(control.encode());
  const raft::Proposal proposal{*payload, payload, 0, log::EntryType::control};
  switch (replica_.propose({&proposal, 1})) {
    case raft::Proposed::taken:
      return std::nullopt;
    case raft::Proposed::full:
      return refuse(429, "queue_full", "Too much is in flight: ask again in a moment.");
    case raft::Proposed::not_leader:
    case raft::Proposed::transferring:
      break;
  }
  return refuse(503, "no_leader", "This node does not lead at the moment: ask again.");
}

// Whether this node has applied what its log had when it was elected.
bool RuleChanges::knows_all(const raft::Status& status) {
  if (leads_.term != status.term) leads_ = {status.term, status.last};
  return succession_.current().get()->materializer().applied_entry() >= leads_.last;
}

Refused RuleChanges::decide(const Decide& by) {
  auto busy = [] {
    return refuse(503, "busy", "Another change is on its way into the log: ask again in a moment.");
  };
  // A lone node applies what it proposes within the call.
  std::unique_lock lock(deciding_, std::try_to_lock);
  if (!lock) return busy();
  const raft::Status status = replica_.status();
  if (status.state != raft::State::leader)
    return refuse(503, "no_leader", "This node does not lead at the moment: ask again.");
  if (!knows_all(status)) return busy();
  const materialize::ControlState now = succession_.controls();
  if (proposed_ && proposed_->term == status.term && proposed_->behind == now.entry) return busy();
  const Decision decision = by(now);
  if (!decision.control) return decision.refusal;
  proposed_ = {status.term, now.entry};
  Refused refused = propose(*decision.control);
  if (refused) proposed_.reset();
  return refused;
}

RuleChanges::Decision RuleChanges::announce(const materialize::ControlState& now,
                                            const materialize::Ruleset& ruleset) const {
  const std::string text = ruleset.encode();
  const uint64_t hash = ruleset.hash();
  if (text.size() > Control::kMaxRuleset)
    return {{}, refuse(413, "too_large", "A ruleset has at most 256 KiB.")};
  if (now.next ? now.next->text == text : now.active.text == text) return {};
  if (now.level < 2)
    return {
        {},
        refuse(409, "level_too_low",
               "The ruleset changes through the log from feature level 2 on: finalize the upgrade first.")};
  if (hash != now.active.hash && log_.first_index(group_).value > 1)  // else what was announced is taken back
    return {
        {},
        refuse(409, "truncated", "The log no longer has its beginning: nothing can be built from it anew.")};
  return {Control{Control::Kind::announce, hash, {}, text, 0}, {}};
}

Refused RuleChanges::propose_ruleset(const std::string& text) {
  materialize::Ruleset ruleset;
  try {
    ruleset = materialize::Ruleset::decode(text);
  } catch (const materialize::InvalidRuleset& error) {
    return refuse(400, "invalid_ruleset", error.what());
  }
  if (ruleset.program != materialize::program_rules())
    return refuse(409, "other_program", "The ruleset was made for another version of the program.");
  return decide([&](const materialize::ControlState& now) { return announce(now, ruleset); });
}

Refused RuleChanges::propose_change(const materialize::Ruleset& next,
                                    const materialize::ControlState::Rules& in_force) {
  return decide([&](const materialize::ControlState& now) -> Decision {
    if (now.next)
      return {
          {},
          refuse(409, "change_in_progress",
                 "Another change of the ruleset is being built: `lodectl views` shows how far it is. Wait "
                 "until it is in force, or take it back with `lodectl views cancel`.")};
    if (now.active.text != in_force.text)
      return {{},
              refuse(409, "ruleset_changed",
                     "The ruleset was changed by somebody else at the same moment: look, and ask again.")};
    return announce(now, next);
  });
}

Refused RuleChanges::propose_cancel() {
  return decide([](const materialize::ControlState& now) -> Decision {
    if (!now.next) return {{}, refuse(409, "nothing_announced", "No change of the ruleset is being built.")};
    return {Control{Control::Kind::announce, now.active.hash, {}, now.active.text, 0}, {}};
  });
}

Refused RuleChanges::propose_switch() {
  return decide([](const materialize::ControlState& now) -> Decision {
    if (!now.next) return {{}, refuse(409, "nothing_announced", "No ruleset is being built.")};
    return {Control{Control::Kind::switch_, now.next->hash, {now.next->entry}, "", 0}, {}};
  });
}

Refused RuleChanges::propose_level(uint64_t level) {
  if (level > materialize::kNewestLevel)
    return refuse(
        409, "unknown_level",
        "This program knows feature levels up to " + std::to_string(materialize::kNewestLevel) + ".");
  return decide([&](const materialize::ControlState& now) -> Decision {
    if (level <= now.level) return {};
    return {Control{Control::Kind::level, 0, {}, "", level}, {}};
  });
}

bool RuleChanges::is_alone() const {
  const raft::Status status = replica_.status();
  return status.state == raft::State::leader && status.configuration.servers.size() == 1;
}

void RuleChanges::look() {
  if (std::unique_lock lock(deciding_, std::try_to_lock); lock) knows_all(replica_.status());
  if (const uint64_t level = succession_.controls().level; level != told_level_)
    on_level_(told_level_ = level);
  succession_.tidy();
  const auto build = succession_.build();
  if (build && build->is_near() && !build->waited_for && is_alone()) propose_switch();
}

void RuleChanges::start() {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "lode-rules");
    constexpr std::chrono::milliseconds kEvery{100};
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, kEvery, [&] { return stopping_; })) {
      lock.unlock();
      look();
      lock.lock();
    }
  });
}

void RuleChanges::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace lode::node
