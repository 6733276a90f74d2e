// The configurations that the log holds: that of the snapshot and those of the CHANGE entries behind it,
// committed or not. The library keeps two of them; a floor needs the one as of any index.
#pragma once

#include <map>

#include "raft/snapshot.h"

namespace lode::raft {

class Changes {
 public:
  void reset(const std::optional<Snapshot>& snapshot);
  // Throws Broken when the payload is no configuration.
  void add(record::EntryIndex index, std::string_view payload);
  void truncate(record::EntryIndex from);  // entries from there on are gone
  void forget(record::EntryIndex upto);    // a floor: only what is in force at it is kept of the older ones

  const Configuration* at(record::EntryIndex index) const;  // of the CHANGE entry at `index`, or nullptr
  // In force at `index`; {0, nothing} before the first.
  std::pair<record::EntryIndex, Configuration> as_of(record::EntryIndex index) const;

 private:
  std::map<uint64_t, Configuration> by_index_;
};

}  // namespace lode::raft
