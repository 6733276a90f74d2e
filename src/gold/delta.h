// Rows copied out of an accumulator, so that they can be added up without its lock.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gold/accumulator.h"
#include "gold/key_filter.h"

namespace lode::gold {

struct Delta {
  Key key;
  std::vector<event::Int128> cells;
  std::vector<MemberCount> members;
};

// What is copied: rows that match, from `from` on, and not more than are needed for a page.
struct DeltaRange {
  const KeyFilters& filters;
  Key from{};
  uint32_t group_words = 0;  // rows equal in so many leading words make one row of the answer
  uint32_t unit_words = 0;   // and those equal in so many are needed together
  uint32_t wanted = 0;       // rows of the answer; 0: all
};

// Ascending by key. When rows were left out, `horizon` becomes the last unit that is complete (words past it
// are all ones). Rows above a horizon that was there before are left out too.
std::vector<Delta> copy_deltas(const EpochRows& rows, const DeltaRange& range, std::optional<Key>& horizon);
Delta copy_delta(const EpochRows& rows, uint32_t row);
// The one row with this key, if there is one.
std::vector<Delta> copy_row(const Accumulator& accumulator, const Key& key);

// The last key that begins with the first `words` words of `key`.
Key last_of(Key key, uint32_t words);

}  // namespace lode::gold
