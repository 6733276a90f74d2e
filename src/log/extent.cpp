#include "log/extent.h"

#include <algorithm>
#include <stdexcept>

namespace lode::log {

void require_dense(const Extent& extent, std::span<const Entry> entries) {
  if (entries.empty()) return;
  const uint64_t start = entries.front().index.value;
  if (start < extent.first || start > extent.last + 1) {
    throw std::logic_error("log: append at index " + std::to_string(start) + ", but the log holds [" +
                           std::to_string(extent.first) + ", " + std::to_string(extent.last) + "]");
  }
  for (size_t i = 1; i < entries.size(); ++i) {
    if (entries[i].index.value != start + i) {
      throw std::logic_error("log: append of index " + std::to_string(entries[i].index.value) + " after " +
                             std::to_string(start + i - 1) + "; indexes have no gaps");
    }
  }
}

void require_present(const Extent& extent, std::span<const Entry> entries) {
  for (const Entry& entry : entries) {
    if (!extent.contains(entry.index))
      throw std::logic_error("log: entry " + std::to_string(entry.index.value) + " is not there");
  }
}

Extent without_suffix(const Extent& extent, record::EntryIndex from) {
  if (from.value < extent.first) {
    throw std::logic_error("log: the suffix from index " + std::to_string(from.value) +
                           " begins before the first entry, " + std::to_string(extent.first));
  }
  return {extent.first, std::min(extent.last, from.value - 1)};
}

Extent without_prefix(const Extent& extent, record::EntryIndex first_kept) {
  const uint64_t first = std::max(extent.first, first_kept.value);
  return {first, std::max(extent.last, first - 1)};
}

}  // namespace lode::log
