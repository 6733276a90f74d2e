#include "admin/entry_rows.h"

#include <mutex>
#include <shared_mutex>

namespace lode::admin {

namespace {

constexpr size_t kPage = 2048;

// By halves: offsets and entries ascend together.
uint64_t first_offset_in(const materialize::Generation& generation, record::EntryIndex from) {
  std::shared_lock lock(generation.state().mutex());
  uint64_t low = 0, high = generation.materializer().next_offset().value;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    const auto row = generation.index().find({middle});
    if (row && row->entry < from)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

}  // namespace

EntryRows::EntryRows(const materialize::Current& current, record::EntryIndex from)
    : current_(current), next_(first_offset_in(*current.get(), from)) {}

std::optional<sequence::IndexedEntry> EntryRows::find(record::EntryIndex entry) {
  for (;;) {
    if (rows_.empty() && !ended_) fill();
    if (rows_.empty() || rows_.front().entry > entry) return std::nullopt;
    if (rows_.front().entry == entry) return rows_.front();
    rows_.pop_front();
  }
}

void EntryRows::fill() {
  const auto generation = current_.get();
  std::shared_lock lock(generation->state().mutex());
  generation->index().scan({next_}, [&](const sequence::IndexedEntry& row) {
    rows_.push_back(row);
    return rows_.size() < kPage;
  });
  ended_ = rows_.size() < kPage;
  if (!rows_.empty()) next_ = rows_.back().base.value + rows_.back().offset_count();
}

std::vector<record::EntryIndex> entries_of(const materialize::Current& current,
                                           const std::vector<record::Offset>& offsets) {
  std::vector<record::EntryIndex> out;
  for (size_t i = 0; i < offsets.size();) {
    const auto generation = current.get();
    std::shared_lock lock(generation->state().mutex());
    for (size_t looked = 0; i < offsets.size() && looked < kPage; ++looked) {
      const auto row = generation->index().find(offsets[i]);
      if (!row) {
        ++i;
        continue;
      }
      out.push_back(row->entry);
      const uint64_t end = row->base.value + row->offset_count();
      while (i < offsets.size() && offsets[i].value < end) ++i;
    }
  }
  return out;
}

}  // namespace lode::admin
