// What nodes of a group say to each other, and whom the group consists of. Plain values: the library's own
// structures stay behind library.h. Shapes: the Raft paper's RPCs; InstallSnapshot names the snapshot only,
// its data is streamed apart.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "log/log.h"
#include "record/types.h"

namespace lode::raft {

// Given once in a cluster's life, never again to another data folder: a wiped node gets a new one. From 1.
struct NodeId {
  uint64_t value = 0;
  friend auto operator<=>(const NodeId&, const NodeId&) = default;
};

// A voter counts for the quorum; a standby gets the log and does not vote.
enum class Role : uint8_t { standby = 0, voter = 1, spare = 2 };

struct Server {
  NodeId id;
  std::string address;  // host:port of its peer listener
  Role role = Role::voter;
  friend bool operator==(const Server&, const Server&) = default;
};

struct Configuration {
  std::vector<Server> servers;
  friend bool operator==(const Configuration&, const Configuration&) = default;
};

// An entry on its way. `owner` keeps the bytes of `payload` alive; many entries may share one.
struct Entry {
  record::Term term;
  log::EntryType type = log::EntryType::batch;
  std::string_view payload;
  std::shared_ptr<const void> owner;
};

struct RequestVote {
  record::Term term;
  NodeId candidate;
  record::EntryIndex last_index;
  record::Term last_term;
  bool disrupt_leader = false;
  bool pre_vote = false;
};

struct RequestVoteResult {
  record::Term term;
  bool granted = false;
  bool pre_vote = false;
  uint16_t features = 0;
  uint16_t capacity = 0;
};

struct AppendEntries {
  record::Term term;
  record::EntryIndex prev_index;
  record::Term prev_term;
  record::EntryIndex leader_commit;
  std::vector<Entry> entries;
};

struct AppendEntriesResult {
  record::Term term;
  record::EntryIndex rejected;  // 0: not rejected
  record::EntryIndex last_index;
  uint16_t features = 0;
  uint16_t capacity = 0;
};

struct InstallSnapshot {
  record::Term term;
  record::EntryIndex last_index;
  record::Term last_term;
  Configuration configuration;
  record::EntryIndex configuration_index;
};

struct TimeoutNow {
  record::Term term;
  record::EntryIndex last_index;
  record::Term last_term;
};

using Message = std::variant<RequestVote, RequestVoteResult, AppendEntries, AppendEntriesResult,
                             InstallSnapshot, TimeoutNow>;

}  // namespace lode::raft
