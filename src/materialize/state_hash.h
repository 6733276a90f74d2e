// The state hash (contract section 6.3): one number for the rows of silver and gold at an offset. A function
// of the records up to there and the ruleset: the same on every node and after every replay, whatever their
// batches, epochs, files and threads were.
#pragma once

#include <cstdint>
#include <vector>

#include "gold/gold.h"
#include "silver/tables.h"
#include "store/digest.h"

namespace lode::materialize {

struct Digests {
  std::vector<store::NamedDigest> tables;  // silver's
  std::vector<store::NamedDigest> views;   // gold's
  store::Digest all() const;
  friend bool operator==(const Digests&, const Digests&) = default;
};

struct StateHash {
  int64_t offset = -1;  // of the last record in it; -1: none
  uint64_t entry = 0;   // the last log entry that is in it as a whole
  Digests digests;
};

// As kept up to date with every change: microseconds. Gold was touched; mutex held, shared at least.
Digests digests_of(const silver::Tables& tables, const gold::Gold& gold);

// From all rows, texts and quality counters again, for verification; equal to digests_of(), or the state is
// damaged (or throws store::Damaged). Reads everything: seconds for a big state. Mutex held, shared at least.
// A server should rather load parts of its own from a snapshot, which has digests of its checkpoint, and scan
// those without any lock.
Digests scan_digests(const silver::Tables& tables, const gold::Gold& gold);

}  // namespace lode::materialize
