// Any bytes as a row of the batch index, under any offset: an entry that is found by each of its offsets and
// is written as it was read, or store::Damaged. The first 8 bytes are the row's key.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "event_invariants.h"
#include "sequence/batch_index.h"
#include "store/bytes.h"
#include "store/memory_disk.h"

namespace {

using namespace lode;

std::optional<sequence::IndexedEntry> only_entry(const sequence::BatchIndex& index) {
  std::optional<sequence::IndexedEntry> found;
  index.scan({0}, [&](const sequence::IndexedEntry& entry) {
    found = entry;
    return true;
  });
  return found;
}

bool same(const sequence::IndexedEntry& a, const sequence::IndexedEntry& b) {
  return a.base == b.base && a.entry == b.entry && a.item_count == b.item_count &&
         a.without_offset == b.without_offset;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using fuzz::require;
  if (size < 8) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static const store::MemoryDisk disk({{"batches"}});
  sequence::BatchIndex index;
  index.table().load(disk.snapshot());
  index.table().put(bytes.substr(0, 8), bytes.substr(8));
  try {
    const auto entry = only_entry(index);
    if (!entry) return 0;
    require(entry->item_count <= sequence::kMaxEntryItems, "no entry holds more items");
    require(entry->without_offset.empty() || entry->without_offset.size() == entry->item_count,
            "a bit for each item");
    const uint32_t offsets = entry->offset_count();
    for (uint32_t i = 0; i < offsets; ++i) {
      const record::Offset offset{entry->base.value + i};
      const auto item = entry->item_of(offset);
      require(item && *item < entry->item_count, "each offset has its item");
      const auto found = index.find(offset);
      require(found && same(*found, *entry), "each offset finds its entry");
      if (i == 64) break;
    }
    require(!entry->item_of({entry->base.value + offsets}), "behind the last offset there is no item");
    sequence::BatchIndex again;
    again.table().load(disk.snapshot());
    again.add(*entry);
    const auto read = only_entry(again);
    require(read && same(*read, *entry), "an entry is read as it was written");
  } catch (const store::Damaged&) {
  }
  return 0;
}
