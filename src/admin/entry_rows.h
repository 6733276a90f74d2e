// The batch index from one entry on, row by row: which items of an entry have which offsets. The state's
// mutex is held (shared) for a page at a time; the state may be exchanged meanwhile, the rows are the same.
#pragma once

#include <deque>
#include <optional>

#include "materialize/current.h"

namespace lode::admin {

class EntryRows {
 public:
  // `current` outlives it.
  EntryRows(const materialize::Current& current, record::EntryIndex from);

  // Of an entry at or behind the one that was asked for last, all applied. Nothing: no item got an offset.
  std::optional<sequence::IndexedEntry> find(record::EntryIndex entry);

 private:
  void fill();

  const materialize::Current& current_;
  std::deque<sequence::IndexedEntry> rows_;
  uint64_t next_ = 0;  // offset
  bool ended_ = false;
};

// The entries that hold `offsets`, ascending, each once. All are applied.
std::vector<record::EntryIndex> entries_of(const materialize::Current& current,
                                           const std::vector<record::Offset>& offsets);

}  // namespace lode::admin
