#include "sequence/batch_index.h"

#include "store/bytes.h"

namespace lode::sequence {

namespace {

std::string pack(const IndexedEntry& entry) {
  std::string row;
  store::Packer packer(row);
  packer.number(entry.entry.value);
  packer.number(entry.item_count);
  std::string bits;
  if (!entry.without_offset.empty()) {
    bits.assign((entry.item_count + 7) / 8, '\0');
    for (uint32_t i = 0; i < entry.item_count; ++i)
      if (entry.without_offset[i]) bits[i / 8] = static_cast<char>(bits[i / 8] | 1 << (i % 8));
  }
  packer.text(bits);
  return row;
}

IndexedEntry unpack(std::string_view key, std::string_view row) {
  store::Unpacker unpacker(row);
  IndexedEntry entry;
  entry.base = {store::number_of(key)};
  entry.entry = {unpacker.number()};
  const uint64_t item_count = unpacker.number();
  if (item_count > kMaxEntryItems || item_count > UINT64_MAX - entry.base.value)
    throw store::Damaged("a batch index row with an impossible count");
  entry.item_count = static_cast<uint32_t>(item_count);
  std::string_view bits = unpacker.text();
  if (!bits.empty()) {
    if (bits.size() != (entry.item_count + 7) / 8)
      throw store::Damaged("a batch index row with a bitmap of another size");
    entry.without_offset.resize(entry.item_count);
    for (uint32_t i = 0; i < entry.item_count; ++i) entry.without_offset[i] = (bits[i / 8] >> (i % 8)) & 1;
  }
  return entry;
}

}  // namespace

uint32_t IndexedEntry::offset_count() const {
  uint32_t without = 0;
  for (bool bit : without_offset) without += bit;
  return item_count - without;
}

std::optional<uint32_t> IndexedEntry::item_of(record::Offset offset) const {
  if (offset < base) return std::nullopt;
  uint64_t ordinal = offset.value - base.value;
  if (without_offset.empty()) {
    if (ordinal >= item_count) return std::nullopt;
    return static_cast<uint32_t>(ordinal);
  }
  for (uint32_t i = 0; i < item_count; ++i) {
    if (without_offset[i]) continue;
    if (ordinal == 0) return i;
    --ordinal;
  }
  return std::nullopt;
}

void BatchIndex::add(const IndexedEntry& entry) { table_.put(store::key_of(entry.base.value), pack(entry)); }

std::optional<IndexedEntry> BatchIndex::find(record::Offset offset) const {
  std::optional<IndexedEntry> found;
  scan(offset, [&](const IndexedEntry& entry) {
    if (entry.item_of(offset)) found = entry;
    return false;
  });
  return found;
}

std::optional<record::EntryIndex> BatchIndex::last_before(record::Offset kept) const {
  std::optional<record::EntryIndex> last;
  scan(kept, [&](const IndexedEntry& entry) {
    last = record::EntryIndex{entry.entry.value - 1};
    return false;
  });
  return last;
}

void BatchIndex::scan(record::Offset from, const std::function<bool(const IndexedEntry&)>& visit) const {
  // The entry that holds `from` begins at or before it, at most one entry's items away.
  uint64_t lower = from.value > kMaxEntryItems ? from.value - kMaxEntryItems : 0;
  table_.scan(store::key_of(lower), {}, [&](std::string_view key, std::string_view row) {
    IndexedEntry entry = unpack(key, row);
    if (entry.base.value + entry.offset_count() <= from.value) return true;
    return visit(entry);
  });
}

}  // namespace lode::sequence
