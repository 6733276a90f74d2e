#include "sim/world.h"

#include <iostream>

#include "raft/configuration.h"

namespace lode::sim {

namespace {
constexpr uint64_t kPatienceMs = 20'000;
constexpr uint64_t kMostNodes = 8;
}  // namespace

World::World(uint64_t seed, Mistake mistake, bool tracing)
    : dice_(seed), faults_(dice_), mistake_(mistake), tracing_(tracing) {}

void World::trace(raft::NodeId node, const std::string& what) {
  if (tracing_) std::cout << agenda_.now() << " node " << node.value << " " << what << "\n";
}

Node* World::node(raft::NodeId id) {
  const auto found = nodes_.find(id);
  return found == nodes_.end() ? nullptr : found->second.get();
}

Node& World::add_node() {
  const raft::NodeId id{next_id_++};
  return *nodes_.emplace(id, std::make_unique<Node>(*this, id)).first->second;
}

void World::every(uint64_t ms, void (World::*what)()) {
  if (ms == 0) return;
  agenda_.in(1 + dice_.below(2 * ms), [this, ms, what] {
    if (calm_) return;
    (this->*what)();
    every(ms, what);
  });
}

void World::run() {
  raft::Configuration first;
  const uint64_t count = 1 + dice_.below(5);
  for (uint64_t i = 0; i < count; ++i) {
    const raft::NodeId id = add_node().id();
    first.servers.push_back({id, address_of(id), raft::Role::voter});
  }
  for (auto& [id, node] : nodes_) {
    raft::bootstrap(node->disk().log(), Disk::kGroup, first);
    node->start();
  }
  every(faults_.propose_every_ms, &World::propose);
  every(faults_.crash_every_ms, &World::crash);
  every(faults_.cut_every_ms, &World::cut);
  every(faults_.operate_every_ms, &World::operate);
  every(faults_.prune_every_ms, &World::prune);
  every(200, &World::checkpoint);
  agenda_.run_until(agenda_.now() + faults_.rough_ms);
  calm_down();
  settle();
  lead_in_turn();
  settle();
  judge_.sum_up();
}

void World::carry(raft::NodeId from, raft::NodeId to, raft::Message message) {
  if (!calm_ && dice_.chance(faults_.lost_permille)) return;
  const int copies = !calm_ && dice_.chance(faults_.doubled_permille) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    const bool late = !calm_ && dice_.chance(faults_.late_permille);
    const uint64_t ms = late ? dice_.below(faults_.late_ms) : calm_ ? 1 : dice_.below(faults_.network_ms);
    agenda_.in(ms, [this, from, to, message] {
      Node* target = node(to);
      if (target != nullptr && !cut_links_.contains({from, to})) target->receive(from, message);
    });
  }
}

Node* World::some_node() {
  auto at = nodes_.begin();
  std::advance(at, static_cast<ptrdiff_t>(dice_.below(nodes_.size())));
  return at->second.get();
}

Node* World::leader() {
  Node* found = nullptr;
  for (auto& [id, node] : nodes_) {
    if (!node->group() || node->is_out() || !node->group()->is_leader()) continue;
    if (!found || node->group()->status().term > found->group()->status().term) found = node.get();
  }
  return found;
}

bool World::submit(Node& node, size_t count) {
  if (!node.group()) return false;
  std::vector<raft::Proposal> proposals;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t cookie = next_cookie_++;
    auto owner = std::make_shared<std::string>(payload_of(cookie, dice_.below(200)));
    proposals.push_back(
        {*owner, owner, cookie, dice_.chance(50) ? log::EntryType::barrier : log::EntryType::batch});
  }
  const bool taken = node.group()->propose(agenda_.now(), proposals) == raft::Proposed::taken;
  node.look_at_clock();
  return taken;
}

void World::propose() { submit(*some_node(), 1 + dice_.below(4)); }

void World::crash() { crash(*some_node(), dice_.chance(300) ? 50 : 2000); }

void World::crash(Node& node, uint64_t longest_ms) {
  if (!node.group()) return;
  node.crash();
  agenda_.in(dice_.below(longest_ms), [&node] {
    if (!node.group() && !node.is_out()) node.start();
  });
}

// Called from within the node's step.
void World::voted(Node& node) {
  if (calm_ || !dice_.chance(faults_.vote_crash_permille)) return;
  agenda_.in(dice_.below(20), [this, &node] {
    if (!calm_) crash(node, 60);
  });
}

void World::cut() {
  const uint64_t kind = dice_.below(3);
  const raft::NodeId lonely = some_node()->id();
  std::set<std::pair<raft::NodeId, raft::NodeId>> links;
  for (auto& [a, unused_a] : nodes_) {
    const bool side = dice_.chance(500);
    for (auto& [b, unused_b] : nodes_) {
      if (kind == 0 && (a == lonely) != (b == lonely)) links.insert({a, b});
      if (kind == 1 && a == lonely && b != lonely) links.insert({a, b});
      if (kind == 2 && side && dice_.chance(500)) links.insert({a, b});
    }
  }
  cut_links_ = links;
  agenda_.in(100 + dice_.below(2000), [this] { cut_links_.clear(); });
}

void World::operate() {
  Node* node = leader();
  if (node == nullptr) return;
  submit(*node, dice_.below(4) + 1);
  if (dice_.chance(300)) {
    node->group()->transfer(agenda_.now(), {dice_.chance(500) ? 0 : some_node()->id().value});
  } else {
    change(*node);
  }
  if (node->group()) submit(*node, dice_.below(4) + 1);
  node->look_at_clock();
}

void World::change(Node& leader) {
  const raft::Configuration configuration = leader.group()->status().configuration;
  const raft::Server& some = configuration.servers[dice_.below(configuration.servers.size())];
  const uint64_t now = agenda_.now();
  if (some.role == raft::Role::standby) {
    leader.group()->promote(now, some.id);
  } else if (nodes_.size() < kMostNodes && dice_.chance(500)) {
    const raft::NodeId id{next_id_};
    if (leader.group()->add_standby(now, {id, address_of(id), raft::Role::standby}) ==
        raft::Changed::started) {
      add_node().start();
    }
  } else {
    leader.group()->remove(now, some.id);
  }
}

void World::prune() {
  Node* node = some_node();
  if (!node->group() || node->checkpoint() == 0) return;
  const uint64_t keep = dice_.below(50);
  if (node->checkpoint() <= keep) return;
  const auto floor = node->group()->prune(agenda_.now(), {node->checkpoint() - keep});
  trace(node->id(), "prunes up to " + std::to_string(floor.value));
}

void World::checkpoint() { some_node()->save_checkpoint(0); }

void World::calm_down() {
  calm_ = true;
  cut_links_.clear();
  if (tracing_) std::cout << agenda_.now() << " calm\n";
  for (auto& [id, node] : nodes_) {
    node->disk().calm();
    if (!node->group() && !node->is_out()) node->start();
  }
}

void World::wait_for(const char* what, const std::function<bool()>& done) {
  const uint64_t until = agenda_.now() + kPatienceMs;
  while (agenda_.now() < until) {
    agenda_.run_until(agenda_.now() + 20);
    if (done()) return;
  }
  if (tracing_) print_nodes();
  throw Violation(std::string("in calm: never ") + what);
}

void World::print_nodes() {
  for (auto& [id, node] : nodes_) {
    std::cout << "node " << id.value << (node->is_out() ? " removed" : "") << " applied " << node->applied();
    if (node->group()) {
      const raft::Status s = node->group()->status();
      std::cout << " state " << static_cast<int>(s.state) << " term " << s.term.value << " leader "
                << (s.leader ? s.leader->id.value : 0) << " floor " << s.floor.value << " last "
                << s.last.value << " persisted " << s.persisted.value << " commit " << s.commit.value
                << " delivered " << s.delivered.value << (s.changing ? " changing" : "")
                << (s.installing ? " installing" : "");
      for (const raft::PeerProgress& peer : s.peers)
        std::cout << ", " << peer.server.id.value << (peer.server.role == raft::Role::voter ? "" : "s")
                  << " has " << peer.match.value;
    }
    std::cout << "\n";
  }
}

// A leader, a new entry, and all members have applied all.
void World::settle() {
  size_t before = judge_.acknowledgements();
  wait_for("took a proposal", [&] {
    Node* node = leader();
    return node != nullptr && submit(*node, 1);
  });
  wait_for("acknowledged", [&] {
    if (judge_.acknowledgements() > before) return true;
    if (Node* node = leader()) submit(*node, 1);
    return false;
  });
  wait_for("did all members apply all", [&] {
    Node* first = leader();
    if (first == nullptr) return false;
    const raft::Status status = first->group()->status();
    if (status.delivered != status.last || status.changing) return false;
    for (const raft::Server& server : status.configuration.servers) {
      Node* member = node(server.id);
      if (member == nullptr) continue;
      if (member->applied() != status.last.value || member->leader_told() != first->id()) return false;
    }
    return true;
  });
}

std::vector<raft::NodeId> World::voters() {
  std::vector<raft::NodeId> out;
  for (const raft::Server& server : leader()->group()->status().configuration.servers) {
    if (server.role == raft::Role::voter) out.push_back(server.id);
  }
  return out;
}

// Every voter in turn leads, gets another address, and adds, moves and removes a server that never answers.
void World::lead_in_turn() {
  for (const raft::NodeId id : voters()) {
    wait_for("could a voter take over", [&] {
      Node* now = leader();
      if (now == nullptr) return false;
      if (now->id() == id) return true;
      now->group()->transfer(agenda_.now(), id);
      now->look_at_clock();
      return false;
    });
    const raft::Server ghost{{1000 + id.value}, "ghost" + std::to_string(id.value), raft::Role::standby};
    auto until = [&](const char* what, auto change) {
      wait_for(what, [&, change] {
        Node* now = leader();
        return now != nullptr && now->id() == id && change(*now->group()) == raft::Changed::already_so;
      });
    };
    until("could a server be added",
          [&](raft::Group& group) { return group.add_standby(agenda_.now(), ghost); });
    until("could a server be moved",
          [&](raft::Group& group) { return group.readdress(agenda_.now(), ghost.id, ghost.address + "b"); });
    until("could a leader be moved",
          [&](raft::Group& group) { return group.readdress(agenda_.now(), id, address_of(id) + "b"); });
    until("could a server be removed", [&](raft::Group& group) {
      const auto changed = group.remove(agenda_.now(), ghost.id);
      return changed == raft::Changed::no_such_server ? raft::Changed::already_so : changed;
    });
    wait_for("was a removal committed", [&] {
      Node* now = leader();
      return now != nullptr && !now->group()->status().changing;
    });
  }
}

}  // namespace lode::sim
