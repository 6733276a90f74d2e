#include "node/cluster_host.h"

#include <shared_mutex>
#include <utility>

namespace lode::node {

ClusterHost::ClusterHost(log::Log& log, materialize::Current& current, OnRestart on_restart)
    : log_(log), current_(current), on_restart_(std::move(on_restart)) {}

cluster::Host::State ClusterHost::state() const {
  const auto generation = current_.get();
  State out;
  materialize::StateHash hash;
  {
    std::shared_lock lock(generation->state().mutex());
    hash = generation->materializer().state_hash();
  }
  out.applied = generation->materializer().applied_entry().value;
  out.applied_offset = hash.offset;
  out.hash = hash.digests.all();
  for (const materialize::Mark& mark : generation->materializer().marks())
    out.marks.push_back({mark.entry.value, mark.hash});
  out.ruleset_hash = generation->ruleset_hash();
  return out;
}

std::string ClusterHost::ruleset_text() const { return current_.get()->ruleset().encode(); }

void ClusterHost::take(const cluster::Join& join) { log_.put_meta("secret", join.secret); }

uint64_t ClusterHost::ruleset_hash(const std::string& text) const {
  return materialize::Ruleset::decode(text).hash();
}

void ClusterHost::adopt(const std::filesystem::path&, const cluster::Join&) {
  throw std::runtime_error("this version does not take over a state that was fetched");
}

store::Checkpoint ClusterHost::checkpoint(const std::filesystem::path& folder) {
  return current_.get()->state().copy_to(folder);
}

namespace {
cluster::CommandAnswer not_supported() {
  return cluster::refuse(501, "not_supported",
                         "This version does not change the ruleset or the feature level of a cluster.");
}
}  // namespace

cluster::CommandAnswer ClusterHost::propose_ruleset(const std::string&) { return not_supported(); }
cluster::CommandAnswer ClusterHost::propose_level(uint32_t) { return not_supported(); }
void ClusterHost::propose_switch() {}

}  // namespace lode::node
