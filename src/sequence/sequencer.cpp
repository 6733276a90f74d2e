#include "sequence/sequencer.h"

#include <stdexcept>

namespace lode::sequence {

store::Hash96 hash_key(const store::Hasher& hasher, const event::Event& event) {
  return hasher(event.source, event.event_id);
}

void Sequencer::sequence(record::EntryIndex entry, std::span<const Slice> slices, record::Offset& next,
                         std::vector<ItemVerdict>& verdicts) {
  constexpr uint32_t kAhead = 16;  // lookups in flight while their cache lines arrive
  verdicts.clear();
  IndexedEntry row{next, entry, 0, {}};
  for (const Slice& slice : slices) {
    const store::Hash96* keys = slice.keys + slice.first;
    for (uint32_t i = 0; i < slice.count && i < kAhead; ++i) ids_.prefetch(keys[i]);
    for (uint32_t i = 0; i < slice.count; ++i) {
      if (i + kAhead < slice.count) ids_.prefetch(keys[i + kAhead]);
      const event::Event& event = slice.batch->events[slice.first + i];
      ItemVerdict item{Verdict::accepted, next};
      bool retry = event.retry_of >= 0;  // a record of its own, outside the id check
      if (auto known = retry ? std::nullopt : ids_.find(keys[i])) {
        item.verdict = known->content == event.content_hash ? Verdict::duplicate : Verdict::conflict;
        item.offset = {known->offset};
        row.without_offset.resize(verdicts.size() + 1);
        row.without_offset.back() = true;
      } else {
        if (!retry) ids_.insert(keys[i], {next.value, event.content_hash});
        next = next + 1;
      }
      verdicts.push_back(item);
    }
  }
  row.item_count = static_cast<uint32_t>(verdicts.size());
  if (row.item_count > kMaxEntryItems) throw std::logic_error("an entry of more than kMaxEntryItems items");
  if (!row.without_offset.empty()) row.without_offset.resize(row.item_count);
  if (next.value > row.base.value) index_.add(row);
}

}  // namespace lode::sequence
