// A node's disk in a simulated run: what is durable outlives its crashes.
#pragma once

#include <functional>

#include "log/memory_log.h"
#include "raft/group.h"
#include "raft/write_queue.h"
#include "sim/agenda.h"
#include "sim/faults.h"

namespace lode::sim {

class Disk final : public raft::Storage {
 public:
  static constexpr record::GroupId kGroup{0};

  Disk(Agenda& agenda, Dice& dice, const Faults& faults, Mistake mistake)
      : agenda_(agenda), dice_(dice), faults_(faults), mistake_(mistake) {}

  // The group to be told; nullptr: the node is down. Between the two, what was not durable is lost.
  void serve(raft::Group* group) { group_ = group; }
  void crash();
  void calm() { calm_ = true; }
  void when_voted(std::function<void()> what) { voted_ = std::move(what); }

  log::MemoryLog& log() { return log_; }

  void save_vote(record::Term term, raft::NodeId vote) override;
  void append(record::EntryIndex first, std::vector<raft::Entry> entries, uint64_t epoch) override;
  void read(const raft::ReadRequest& request) override;
  void save_floor(const raft::Snapshot& snapshot) override;
  void install(const raft::Snapshot& snapshot) override;

 private:
  uint64_t delay();
  void write();
  void settle();                                        // a write under way has happened, or not
  void later(uint64_t ms, std::function<void()> what);  // unless a crash comes before

  Agenda& agenda_;
  Dice& dice_;
  const Faults& faults_;
  Mistake mistake_;
  raft::Group* group_ = nullptr;
  std::function<void()> voted_ = [] {};
  bool calm_ = false;
  uint64_t life_ = 0;   // counts crashes
  uint64_t write_ = 0;  // counts writes begun or dropped
  log::MemoryLog log_;
  raft::WriteQueue queue_;
  std::optional<raft::WriteQueue::Batch> writing_;
};

}  // namespace lode::sim
