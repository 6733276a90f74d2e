#include "node/cluster_host.h"

#include <fmt/format.h>

#include <shared_mutex>
#include <utility>

namespace lode::node {

ClusterHost::ClusterHost(log::Log& log, materialize::Succession& succession, const StateFolders& folders,
                         OnRestart on_restart)
    : log_(log), succession_(succession), folders_(folders), on_restart_(std::move(on_restart)) {}

cluster::Host::State ClusterHost::state() const {
  const materialize::ControlState controls = succession_.controls();
  const auto generation = succession_.current().get();
  State out;
  materialize::StateHash hash;
  {
    std::shared_lock lock(generation->state().mutex());
    hash = generation->materializer().state_hash();
  }
  out.applied = generation->materializer().applied_entry().value;
  out.applied_offset = hash.offset;
  out.hash = hash.digests.all();
  // Before the switch, nodes that had not built yet made other rows.
  for (const materialize::Mark& mark : generation->materializer().marks())
    if (mark.entry.value >= controls.active.entry) out.marks.push_back({mark.entry.value, mark.hash});
  out.level = static_cast<uint32_t>(controls.level);
  out.ruleset_hash = generation->ruleset_hash();
  if (const auto build = succession_.build())
    out.build = {build->ruleset_hash, build->entry.value, build->of.value, build->is_near()};
  return out;
}

std::string ClusterHost::controls() const { return succession_.controls().encode(); }

void ClusterHost::take(const cluster::Join& join) {
  materialize::ControlState::taken_over(join.controls, 0).save(log_);
  log_.put_meta("secret", join.secret);
}

uint64_t ClusterHost::ruleset_hash(const std::string& controls) const {
  return materialize::ControlState::decode(controls).active.hash;
}

void ClusterHost::adopt(const std::filesystem::path& folder, const cluster::Join& pack) {
  succession_.adopt(pack.controls, [&](uint64_t number) { folders_.place(folder, number); });
}

store::Checkpoint ClusterHost::checkpoint(const std::filesystem::path& folder) {
  materialize::Current& current = succession_.current();
  const store::Checkpoint copied = current.get()->state().copy_to(folder);
  // Who finds it too old asks again, and gets a newer one.
  const auto held = current.hold();
  current.get()->materializer().end_epoch_early();
  return copied;
}

namespace {
cluster::CommandAnswer answer_of(const std::optional<ingest::Refusal>& refusal) {
  if (!refusal) return {200, {}, R"({"done":false})"};
  return {refusal->status, refusal->problem, ""};
}
}  // namespace

cluster::CommandAnswer ClusterHost::propose_ruleset(const std::string& text) {
  if (const auto refusal = rules_->propose_ruleset(text)) return answer_of(refusal);
  const auto hash = materialize::Ruleset::decode(text).hash();
  return {200,
          {},
          fmt::format(R"({{"done":{},"hash":"{:016x}"}})", hash == succession_.controls().active.hash, hash)};
}

cluster::CommandAnswer ClusterHost::propose_level(uint32_t level) {
  return answer_of(rules_->propose_level(level));
}

cluster::CommandAnswer ClusterHost::change_views(const std::string& action, const std::string& body,
                                                 const std::vector<uint64_t>& short_logs) {
  return views_->execute(action, body, short_logs);
}

void ClusterHost::propose_switch() { rules_->propose_switch(); }

}  // namespace lode::node
