// A simulated run: nodes, the network between them, clients, operators and faults, all from one seed. First
// the faults of the fault model, then none: then the group must serve again, every voter must be able to lead
// and to change who belongs to it, and all nodes must hold the same.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "sim/node.h"

namespace lode::sim {

class World {
 public:
  World(uint64_t seed, Mistake mistake, bool tracing);

  void run();  // throws Violation, or what a node threw

  Agenda& agenda() { return agenda_; }
  Dice& dice() { return dice_; }
  const Faults& faults() const { return faults_; }
  Mistake mistake() const { return mistake_; }
  Judge& judge() { return judge_; }
  bool calm() const { return calm_; }
  Node* node(raft::NodeId id);
  void voted(Node& node);
  void carry(raft::NodeId from, raft::NodeId to, raft::Message message);
  void trace(raft::NodeId node, const std::string& what);

 private:
  // Each puts itself down again until the faults stop.
  void every(uint64_t ms, void (World::*what)());
  void propose();
  void crash();
  void crash(Node& node, uint64_t longest_ms);
  void cut();
  void operate();
  void prune();
  void checkpoint();

  Node& add_node();
  Node* leader();
  Node* some_node();
  std::vector<raft::NodeId> voters();
  void change(Node& leader);
  bool submit(Node& node, size_t count);

  void calm_down();
  void wait_for(const char* what, const std::function<bool()>& done);
  void print_nodes();
  void settle();
  void lead_in_turn();

  Agenda agenda_;
  Dice dice_;
  Faults faults_;
  Mistake mistake_;
  bool tracing_;
  bool calm_ = false;
  Judge judge_;
  std::map<raft::NodeId, std::unique_ptr<Node>> nodes_;
  std::set<std::pair<raft::NodeId, raft::NodeId>> cut_links_;
  uint64_t next_cookie_ = 1;
  uint64_t next_id_ = 1;
};

}  // namespace lode::sim
