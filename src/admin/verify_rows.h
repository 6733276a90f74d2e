// Two states of the same entries and ruleset, row by row: silver, gold, ids, and all else that answers are
// made of. What is different in one of them is damage there.
#pragma once

#include <vector>

#include "admin/damage.h"
#include "admin/watch.h"
#include "materialize/generation.h"

namespace lode::admin {

struct RowCheck {
  uint64_t rows = 0;           // that were compared
  std::vector<Damage> damage;  // the first of each table, ascending by key; `what` says how many differ
};

// Both are on the disk as they are in memory. Threads: nobody applies to them. Throws Cancelled,
// store::Damaged.
RowCheck compare_rows(const materialize::Generation& found, const materialize::Generation& expected,
                      const Watch& watch);

}  // namespace lode::admin
