// What a group tells the program around it. Called from within the group: don't call it back from here (the
// replica's callbacks may: see replica.h).
#pragma once

#include <span>

#include "raft/snapshot.h"

namespace lode::raft {

// Entries first..last are committed. Those at hand come one by one; a run that is not in memory comes as one,
// without `entry`: they are on the disk, read them from the log.
struct Committed {
  record::EntryIndex first;
  record::EntryIndex last;
  std::optional<Entry> entry;      // first == last
  std::optional<uint64_t> cookie;  // when proposed here
};

class Observer {
 public:
  virtual ~Observer() = default;
  // In log order, without a gap, each once in a run of the process; begins behind what start() was told is
  // applied, or behind an installed snapshot.
  virtual void committed(std::span<const Committed> entries) = 0;
  virtual void leading(record::Term term) = 0;
  virtual void following() = 0;  // no leader any more
  // Who leads, this node among them, is known, is another or has another address, or (nothing) is not known
  // any more. Not the same twice in a row; before the first call nobody is known.
  virtual void leader_changed(const std::optional<Server>& leader) = 0;
  // A configuration is committed. A node that joins hears of those before it, too.
  virtual void configured(const Configuration& configuration, record::EntryIndex index) = 0;
  // This node was a member, and is none any more: for good.
  virtual void removed() = 0;
  // Leadership went with these proposals open: nobody knows yet. Each is told later as committed (with its
  // cookie) or as lost; or never, when a snapshot took the place of the log.
  virtual void in_doubt(std::span<const uint64_t> cookies) = 0;
  // Certainly not in the log: an entry of a later term is committed in its place, or before it.
  virtual void lost(std::span<const uint64_t> cookies) = 0;
  // The leader's log begins behind `snapshot`: fetch a state of at least its index from the leader, make it
  // durable, then Group::snapshot_done. Asked again after a failure.
  virtual void install(const Snapshot& snapshot, const Server& leader) = 0;
};

}  // namespace lode::raft
