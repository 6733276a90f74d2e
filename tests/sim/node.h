// A node of a simulated run: its disk and its state outlive its crashes, its group does not.
#pragma once

#include <memory>

#include "sim/disk.h"
#include "sim/judge.h"

namespace lode::sim {

class World;

class Node final : public raft::Observer, public raft::Network {
 public:
  Node(World& world, raft::NodeId id);

  raft::NodeId id() const { return id_; }
  raft::Group* group() { return group_.get(); }  // nullptr: down
  bool is_out() const { return removed_; }
  Disk& disk() { return disk_; }
  uint64_t applied() const { return chain_.applied; }
  uint64_t checkpoint() const { return checkpoint_.applied; }
  const Chain& chain() const { return chain_; }
  raft::NodeId leader_told() const { return leader_told_ ? leader_told_->id : raft::NodeId{}; }

  void start();
  void crash();
  void receive(raft::NodeId from, const raft::Message& message);
  void look_at_clock();                 // asks to be called at the group's timeout
  void save_checkpoint(uint64_t back);  // the state as of some entries ago is durable

  // raft::Network
  void send(raft::NodeId to, const std::string& address, raft::Message message) override;

  // raft::Observer
  void committed(std::span<const raft::Committed> entries) override;
  void leading(record::Term term) override;
  void following() override;
  void leader_changed(const std::optional<raft::Server>& leader) override;
  void configured(const raft::Configuration& configuration, record::EntryIndex index) override;
  void removed() override;
  void in_doubt(std::span<const uint64_t> cookies) override;
  void lost(std::span<const uint64_t> cookies) override;
  void install(const raft::Snapshot& snapshot, const raft::Server& leader) override;

 private:
  void apply(record::EntryIndex index, const std::optional<raft::Entry>& entry,
             std::optional<uint64_t> cookie);
  void fetch(const raft::Snapshot& snapshot, raft::NodeId leader);

  World& world_;
  raft::NodeId id_;
  Disk disk_;
  std::unique_ptr<raft::Group> group_;
  uint64_t life_ = 0;
  uint64_t clock_at_ = 0;
  bool removed_ = false;
  std::optional<raft::Server> leader_told_;
  Chain chain_, checkpoint_;
};

std::string address_of(raft::NodeId id);

}  // namespace lode::sim
