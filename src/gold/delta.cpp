#include "gold/delta.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"

namespace lode::gold {
namespace {

// The unit in which the `wanted`-th group ends; nothing when there are not so many groups.
std::optional<Key> page_end(const EpochRows& epoch, const std::vector<uint32_t>& rows,
                            const DeltaRange& range) {
  if (range.wanted == 0 || range.unit_words == 0 || rows.size() <= range.wanted) return std::nullopt;
  absl::flat_hash_set<Key> distinct;
  for (uint32_t row : rows) {
    Key key{};
    std::copy_n(epoch.key_words(row), range.group_words, key.begin());
    distinct.insert(key);
  }
  if (distinct.size() <= range.wanted) return std::nullopt;
  std::vector<Key> groups(distinct.begin(), distinct.end());
  auto last = groups.begin() + (range.wanted - 1);
  std::nth_element(groups.begin(), last, groups.end());
  return last_of(*last, range.unit_words);
}

}  // namespace

Delta copy_delta(const EpochRows& epoch, uint32_t row) {
  Delta delta{epoch.key(row), {}, {}};
  for (uint32_t cell = 0; cell < epoch.plan().cells; ++cell) {
    delta.cells.push_back(epoch.cell(row, cell));
  }
  epoch.members(row, delta.members);
  return delta;
}

Key last_of(Key key, uint32_t words) {
  std::fill(key.begin() + words, key.end(), ~0u);
  return key;
}

std::vector<Delta> copy_row(const Accumulator& epoch, const Key& key) {
  std::vector<Delta> deltas;
  uint32_t row = epoch.find(key, hash_key(key, epoch.plan().keys));
  if (row != Accumulator::kNone) deltas.push_back(copy_delta(epoch, row));
  return deltas;
}

std::vector<Delta> copy_deltas(const EpochRows& epoch, const DeltaRange& range, std::optional<Key>& horizon) {
  std::vector<Delta> deltas;
  std::vector<uint32_t> rows;
  const uint32_t keys = epoch.plan().keys;
  for (uint32_t row = 0; row < epoch.rows(); ++row) {
    const uint32_t* words = epoch.key_words(row);
    if (!range.filters.matches(words)) continue;
    if (std::lexicographical_compare(words, words + keys, range.from.begin(), range.from.begin() + keys))
      continue;
    rows.push_back(row);
  }
  std::optional<Key> end = page_end(epoch, rows, range);
  if (end && (!horizon || *end < *horizon)) horizon = end;
  for (uint32_t row : rows) {
    if (!horizon || epoch.key(row) <= *horizon) deltas.push_back(copy_delta(epoch, row));
  }
  std::sort(deltas.begin(), deltas.end(), [](const Delta& a, const Delta& b) { return a.key < b.key; });
  return deltas;
}

}  // namespace lode::gold
