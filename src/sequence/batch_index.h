// Which log entry holds which offsets. One row an entry: base offset, entry, count of items, and which items
// got no offset (duplicates and conflicts that reached the log). A Part of the state through its table.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "record/types.h"
#include "store/keyed_table.h"

namespace lode::sequence {

// No entry holds more items: what bounds the search for the entry of an offset.
constexpr uint32_t kMaxEntryItems = 4096;

struct IndexedEntry {
  record::Offset base;  // of the first item that got one
  record::EntryIndex entry;
  uint32_t item_count = 0;
  std::vector<bool> without_offset;  // empty: every item has one

  uint32_t offset_count() const;
  // The position in the batch of the item with this offset; nothing when the entry does not hold it.
  std::optional<uint32_t> item_of(record::Offset offset) const;
};

class BatchIndex {
 public:
  BatchIndex() : table_("batches") {}
  store::KeyedTable& table() { return table_; }

  // Apply thread, mutex held exclusively. Entries of which no item got an offset are not indexed.
  void add(const IndexedEntry& entry);
  // The entry that holds `offset`. Mutex held, shared at least.
  std::optional<IndexedEntry> find(record::Offset offset) const;
  // Entries from the one that holds `from` on. Mutex held, shared at least.
  void scan(record::Offset from, const std::function<bool(const IndexedEntry&)>& visit) const;
  // The last entry that may go when records from `kept` on are to stay: none of its items, and none of any
  // entry before it, has such an offset. Nothing: no record is at `kept` or behind, so all entries may. Mutex
  // held, shared at least.
  std::optional<record::EntryIndex> last_before(record::Offset kept) const;

 private:
  store::KeyedTable table_;
};

}  // namespace lode::sequence
