// Which entries a group has, and whether an append fits to them: the rules that every log keeps. Pure.
#pragma once

#include <span>

#include "log/log.h"

namespace lode::log {

// Entries first..last are there; last = first - 1 when there is none.
struct Extent {
  uint64_t first = 1;
  uint64_t last = 0;
  bool contains(record::EntryIndex index) const { return index.value >= first && index.value <= last; }
};

// Throws std::logic_error, with what was expected, unless `entries` are dense and start in [first, last + 1].
void require_dense(const Extent& extent, std::span<const Entry> entries);

// Throws std::logic_error unless each of `entries` is there.
void require_present(const Extent& extent, std::span<const Entry> entries);

// What is left after truncate_suffix(from). Throws std::logic_error when `from` is below `first`.
Extent without_suffix(const Extent& extent, record::EntryIndex from);

// What is left after truncate_prefix(first_kept); going back below `first` changes nothing.
Extent without_prefix(const Extent& extent, record::EntryIndex first_kept);

}  // namespace lode::log
