// What a group keeps in the log's own folder beside the entries, and how a node finds its place after a
// start. Names in the log's `user/` facts, <group> in decimal:
//   raft/<group>/vote      term and vote, 8 bytes each, big-endian
//   raft/<group>/snapshot  the floor: bytes of Snapshot (snapshot.h)
//   raft/<group>/node      the node whose log this is, 8 bytes, big-endian
// Entries at or below the floor may still lie in the log; the group does not look at them. Each function
// leaves a log that recover() takes, wherever the process dies. Throws log::WriteFailed, record::Corruption.
#pragma once

#include <map>

#include "raft/snapshot.h"

namespace lode::raft {

struct Recovered {
  record::Term term;
  NodeId vote;
  std::optional<Snapshot> snapshot;
  std::vector<record::Term> terms;          // of the entries behind the snapshot, or from 1 on
  std::map<uint64_t, std::string> changes;  // payloads of the CHANGE entries among them, by index
  // Part of a group. False: an empty node, which waits for a leader to send it the log.
  bool is_member() const { return snapshot || !terms.empty(); }
};

// Whether the log was bootstrapped or installed, by whom ever.
bool is_grouped(const log::Log& log, record::GroupId group);

Recovered recover(log::Log& log, record::GroupId group);
// Committed or not; of nobody in a log that is of no group.
Configuration newest_configuration(const Recovered& recovered);
// Entries up to there are committed; 0: no floor.
record::EntryIndex floor_of(const log::Log& log, record::GroupId group);

// Makes a group. An empty log gets the configuration as its first entry. A log of entries without one,
// written by a single node before there were groups, becomes a group whose floor is its last entry: the
// entries stay, and nodes that join get a state. All first members of a new group are given the same
// configuration. Throws std::logic_error when the log belongs to a group already.
void bootstrap(log::Log& log, record::GroupId group, const Configuration& configuration);

// Notes whose log this is, at the first call on a log that is grouped; later calls hold the node to it: with
// another id, votes and entries that were promised by one node would count as another's. A log without that
// note that has only one member is that member's. Throws std::runtime_error with a sentence for the operator.
void claim(log::Log& log, record::GroupId group, NodeId node);

// Gives up on all other servers: the group becomes `server` alone, as a voter, from the log's end on, in a
// new term. The next start leads, and commits all that this log holds, which may be less, and other, than
// what the others hold: they may never be members of this group again. No replica is at this log. Throws
// std::logic_error when the log belongs to no group.
void force_alone(log::Log& log, record::GroupId group, const Server& server);

// Whatever the log was of, it is that of a group of `server` alone from now on, and all of its entries are
// committed: a log that was restored, which must not speak for the node that it was copied from. No replica
// is at this log, and none of the group it was of may ever hear of it. `server` owns it.
void begin_anew(log::Log& log, record::GroupId group, const Server& server);

void save_vote(log::Log& log, record::GroupId group, record::Term term, NodeId vote);
void save_floor(log::Log& log, record::GroupId group, const Snapshot& snapshot);
// The log holds nothing and goes on behind the snapshot.
void install(log::Log& log, record::GroupId group, const Snapshot& snapshot);

}  // namespace lode::raft
