// The wall around the Raft library in C++ clothes: messages as values, results as vectors, errors as
// exceptions. Nothing is decided here. Threads: none. Throws Broken when the library can't go on: the process
// must end.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "raft/message.h"
#include "raft/snapshot.h"

struct library;
struct library_update;

namespace lode::raft {

class Broken : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct EngineSettings {
  NodeId id;
  std::string address;
  uint32_t seed = 1;
  uint32_t election_ms = 300;  // a follower waits for one to two of these
  uint32_t heartbeat_ms = 50;
  uint32_t snapshot_ms = 30'000;
  uint32_t inflight_entries = 128;  // sent to one peer and not acknowledged
};

// What a step wants done, in this order.
struct Update {
  bool vote = false;               // make term and vote durable
  record::EntryIndex entry_index;  // not 0: the last `entry_count` of the entries given go into the log from
  size_t entry_count = 0;          // here on, in place of all that it has from here on
  bool no_op = false;              // instead of given ones: one no-op entry of this term
  bool snapshot = false;           // the log becomes the snapshot that was received; then installed()
  struct Outgoing {
    NodeId to;
    std::string address;
    Message message;
    uint32_t entry_count = 0;  // of an AppendEntries, whose entries are left to the caller
  };
  std::vector<Outgoing> messages;  // an InstallSnapshot has no configuration yet
};

class Engine {
 public:
  enum class State { follower, candidate, leader };
  enum class Outcome { done, not_leader, cant_change, bad_server };

  explicit Engine(const EngineSettings& settings);
  ~Engine();

  // `now` in all: milliseconds, never going back. The first call; `terms` are those of the entries from 1, or
  // behind the snapshot, on; `changes` the payloads of the CHANGE entries among them, by index.
  Update start(uint64_t now, record::Term term, NodeId vote, const std::optional<Snapshot>& snapshot,
               std::span<const record::Term> terms, const std::map<uint64_t, std::string>& changes);
  Update receive(uint64_t now, NodeId from, const std::string& address, const Message& message);
  Update persisted(uint64_t now, record::EntryIndex index);
  Update installed(uint64_t now);
  Update configured(uint64_t now, const Configuration& configuration, record::EntryIndex index);
  Update floor(uint64_t now, const Snapshot& snapshot);
  Update timeout(uint64_t now);
  Outcome submit(uint64_t now, std::span<const Entry> entries, Update& update);
  Outcome transfer(uint64_t now, NodeId to, Update& update);  // to 0: the library chooses

  State state() const;
  record::Term term() const;
  NodeId vote() const;
  record::EntryIndex commit() const;
  record::EntryIndex last() const;
  record::Term term_of(record::EntryIndex index) const;  // 0: not known (any more)
  uint64_t timeout_at() const;
  record::EntryIndex match(NodeId id) const;  // leader only
  NodeId transferee() const;
  NodeId leader_id() const;                       // 0: not known
  Server leader() const;                          // id 0: not known
  record::EntryIndex uncommitted_change() const;  // 0: none
  bool alone() const;                             // in the newest configuration
  bool sole_voter() const;                        // of it
  Configuration configuration() const;            // the newest, committed or not

 private:
  Update take(int result);
  Outcome take(int result, Update& update);
  library* library_;
};

}  // namespace lode::raft
