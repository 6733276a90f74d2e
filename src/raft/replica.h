// A group at work in the service: Group over a log::Log, with its threads. There is no consensus thread:
// whoever has an event, a message, a proposal, a finished write, a moment of the clock, steps the group under
// one lock.
//
// Threads it owns: the writer (all entries that wait become one append with one sync), the timer, the reader
// (entries for peers that are behind), the teller (calls the listener). While this node is the only voter,
// the thread that proposes writes and tells by itself, unless another one is at it: a proposal costs its sync
// and no hop, and propose() returns when the listener has been told. Calls: any thread. A failed write, or a
// log that contradicts the leader's, ends the process: std::terminate.
#pragma once

#include <functional>
#include <memory>

#include "raft/group.h"

namespace lode::raft {

struct ReplicaSettings {
  GroupSettings group;
  size_t write_bytes = 8u << 20;    // of payloads in one append, about
  size_t untold_bytes = 64u << 20;  // payloads kept for a listener that is slow; past that it reads the log
};

// One call at a time, in order, without a lock held: these may call the replica, and may block; what is
// committed waits meanwhile. See Observer for what each means.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void committed(std::span<const Committed> entries) = 0;
  virtual void leading(record::Term) {}
  virtual void following() {}
  virtual void leader_changed(const std::optional<Server>&) {}
  virtual void configured(const Configuration&, record::EntryIndex) {}
  virtual void removed() {}
  virtual void in_doubt(std::span<const uint64_t>) {}
  virtual void lost(std::span<const uint64_t>) {}
  // Begin to fetch a state from the leader, on a thread of your own; then Replica::install_done.
  virtual void install(const Snapshot&, const Server&) {}
};

class Replica {
 public:
  // All four outlive it. The log is the group's alone, and bootstrapped or empty (recovery.h). The listener
  // hears of entries behind `applied` only, from start() on.
  Replica(const ReplicaSettings& settings, log::Log& log, record::GroupId group, Network& network,
          Listener& listener);
  ~Replica();  // stop()

  void start(record::EntryIndex applied);
  // No event is taken any more, and the listener is called no more. What is not told stays in the log.
  void stop();

  Proposed propose(std::span<const Proposal> proposals);
  void receive(NodeId from, const std::string& address, Message message) noexcept;
  void install_done(const Snapshot& snapshot, bool success) noexcept;
  Changed add_standby(const Server& server);
  Changed promote(NodeId id);
  Changed remove(NodeId id);
  Changed readdress(NodeId id, const std::string& address);
  bool transfer(NodeId to);
  // Also removes the entries up to there, or to the floor where that could not go so far, from the log; may
  // take a while. The answer: up to where.
  record::EntryIndex prune(record::EntryIndex index);
  // The group's floor alone: entries up to it stay, and the group does not look at them any more. The answer
  // is the floor.
  record::EntryIndex raise_floor(record::EntryIndex index);

  Status status() const;
  std::optional<Server> leader() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::raft
