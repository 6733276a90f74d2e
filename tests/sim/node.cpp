#include "sim/node.h"

#include "sim/world.h"

namespace lode::sim {

std::string address_of(raft::NodeId id) { return "node" + std::to_string(id.value) + ":1"; }

Node::Node(World& world, raft::NodeId id)
    : world_(world), id_(id), disk_(world.agenda(), world.dice(), world.faults(), world.mistake()) {}

void Node::start() {
  disk_.when_voted([this] { world_.voted(*this); });
  raft::GroupSettings settings;
  settings.engine.id = id_;
  settings.engine.address = address_of(id_);
  settings.engine.seed = static_cast<uint32_t>(world_.dice().below(1u << 31));
  settings.engine.snapshot_ms = 2000;
  settings.engine.inflight_entries = static_cast<uint32_t>(1 + world_.dice().below(64));
  settings.tail_bytes = world_.dice().chance(500) ? 2000 : 1u << 20;
  settings.message_bytes = world_.dice().chance(500) ? 500 : 1u << 20;
  settings.open_proposals = 200;
  settings.keep_changes_inside = world_.mistake() == Mistake::keep_changes_inside;
  chain_ = checkpoint_;
  leader_told_.reset();
  group_ = std::make_unique<raft::Group>(settings, disk_, *this, *this);
  disk_.serve(group_.get());
  world_.trace(id_, "starts");
  group_->start(world_.agenda().now(), raft::recover(disk_.log(), Disk::kGroup), {chain_.applied});
  look_at_clock();
}

void Node::crash() {
  world_.trace(id_, "crashes");
  disk_.crash();
  group_.reset();
  ++life_;
  clock_at_ = 0;
}

void Node::look_at_clock() {
  if (!group_) return;
  if (group_->leader() != leader_told_) throw Violation("was not told who leads");
  const uint64_t at = std::max(group_->timeout_at(), world_.agenda().now() + 1);
  if (clock_at_ != 0 && clock_at_ <= at) return;
  clock_at_ = at;
  world_.agenda().in(at - world_.agenda().now(), [this, life = life_, at] {
    if (life != life_ || clock_at_ != at) return;
    clock_at_ = 0;
    if (group_->timeout_at() <= world_.agenda().now()) group_->timeout(world_.agenda().now());
    look_at_clock();
  });
}

void Node::receive(raft::NodeId from, const raft::Message& message) {
  if (!group_ || removed_) return;
  group_->receive(world_.agenda().now(), from, address_of(from), message);
  look_at_clock();
}

void Node::send(raft::NodeId to, const std::string&, raft::Message message) {
  if (!removed_) world_.carry(id_, to, std::move(message));
}

void Node::committed(std::span<const raft::Committed> entries) {
  for (const raft::Committed& entry : entries) {
    for (uint64_t index = entry.first.value; index <= entry.last.value; ++index) {
      if (index <= chain_.applied) continue;
      if (index != chain_.applied + 1) throw Violation("told out of order: entry " + std::to_string(index));
      apply({index}, entry.entry, entry.cookie);
    }
  }
}

void Node::apply(record::EntryIndex index, const std::optional<raft::Entry>& entry,
                 std::optional<uint64_t> cookie) {
  if (entry) {
    world_.judge().applies(id_, chain_, entry->term, entry->type, entry->payload);
    if (cookie) world_.judge().acknowledged(*cookie, index.value, entry->payload);
    return;
  }
  const auto stored = disk_.log().read(Disk::kGroup, index);
  if (!stored) throw Violation("told to be on the disk, but is not: entry " + std::to_string(index.value));
  world_.judge().applies(id_, chain_, stored->term, stored->type, stored->payload);
  if (cookie) world_.judge().acknowledged(*cookie, index.value, stored->payload);
}

void Node::save_checkpoint(uint64_t back) {
  if (back == 0) checkpoint_ = chain_;
}

void Node::leading(record::Term term) {
  world_.trace(id_, "leads term " + std::to_string(term.value));
  world_.judge().leads(id_, term);
}

void Node::following() { world_.trace(id_, "leads no more"); }

void Node::leader_changed(const std::optional<raft::Server>& leader) {
  if (leader == leader_told_) throw Violation("was told twice who leads");
  leader_told_ = leader;
}

void Node::configured(const raft::Configuration& configuration, record::EntryIndex index) {
  std::string servers;
  for (const raft::Server& server : configuration.servers) {
    servers += " " + std::to_string(server.id.value) + (server.role == raft::Role::voter ? "" : "s");
  }
  world_.trace(id_, "configuration " + std::to_string(index.value) + ":" + servers);
}

void Node::removed() {
  world_.trace(id_, "is out");
  removed_ = true;
}

void Node::in_doubt(std::span<const uint64_t>) {}

void Node::lost(std::span<const uint64_t> cookies) {
  for (const uint64_t cookie : cookies) world_.judge().lost(cookie);
}

void Node::install(const raft::Snapshot& snapshot, const raft::Server& leader) {
  world_.trace(id_, "needs a state of " + std::to_string(snapshot.index.value));
  world_.agenda().in(1 + world_.dice().below(300), [this, life = life_, snapshot, leader] {
    if (life != life_) return;
    fetch(snapshot, leader.id);
    look_at_clock();
  });
}

// The state is copied from the leader, if it is up and has it; it is durable before the group hears of it.
void Node::fetch(const raft::Snapshot& snapshot, raft::NodeId leader) {
  const bool enough = chain_.applied >= snapshot.index.value;
  Node* from = world_.node(leader);
  const bool there = from != nullptr && from->group() != nullptr && from->applied() >= snapshot.index.value;
  const bool success = enough || (there && !world_.dice().chance(world_.calm() ? 0 : 200));
  if (success && !enough) chain_ = from->chain();
  if (success) checkpoint_ = chain_;
  world_.trace(id_, success ? "has the state" : "got no state");
  group_->install_done(world_.agenda().now(), snapshot, success);
}

}  // namespace lode::sim
