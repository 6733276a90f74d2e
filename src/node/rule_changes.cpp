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

Refused RuleChanges::propose_ruleset(const std::string& text) {
  materialize::Ruleset ruleset;
  try {
    ruleset = materialize::Ruleset::decode(text);
  } catch (const materialize::InvalidRuleset& error) {
    return refuse(400, "invalid_ruleset", error.what());
  }
  if (ruleset.program != materialize::program_rules())
    return refuse(409, "other_program", "The ruleset was made for another version of the program.");
  const std::string canonical = ruleset.encode();
  if (canonical.size() > Control::kMaxRuleset)
    return refuse(413, "too_large", "A ruleset has at most 256 KiB.");
  const materialize::ControlState now = succession_.controls();
  const uint64_t hash = ruleset.hash();
  if (now.next ? now.next->hash == hash : now.active.hash == hash) return std::nullopt;
  if (now.level < 2)
    return refuse(409, "level_too_low",
                  "The ruleset changes through the log from feature level 2 on: finalize the upgrade first.");
  if (hash != now.active.hash && log_.first_index(group_).value > 1)  // else what was announced is taken back
    return refuse(409, "truncated",
                  "The log no longer has its beginning: nothing can be built from it anew.");
  return propose({Control::Kind::announce, hash, {}, canonical, 0});
}

Refused RuleChanges::propose_switch() {
  const materialize::ControlState now = succession_.controls();
  if (!now.next) return refuse(409, "nothing_announced", "No ruleset is being built.");
  return propose({Control::Kind::switch_, now.next->hash, {now.next->entry}, "", 0});
}

Refused RuleChanges::propose_level(uint64_t level) {
  if (level > materialize::kNewestLevel)
    return refuse(
        409, "unknown_level",
        "This program knows feature levels up to " + std::to_string(materialize::kNewestLevel) + ".");
  if (level <= succession_.controls().level) return std::nullopt;
  return propose({Control::Kind::level, 0, {}, "", level});
}

bool RuleChanges::is_alone() const {
  const raft::Status status = replica_.status();
  return status.state == raft::State::leader && status.configuration.servers.size() == 1;
}

void RuleChanges::look() {
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
