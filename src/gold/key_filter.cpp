#include "gold/key_filter.h"

#include <algorithm>

namespace lode::gold {

std::optional<uint32_t> KeyFilter::next(uint32_t word) const {
  if (range) {
    uint32_t least = std::max(word, from);
    return least <= to ? std::optional(least) : std::nullopt;
  }
  auto found = std::lower_bound(any_of.begin(), any_of.end(), word);
  return found != any_of.end() ? std::optional(*found) : std::nullopt;
}

std::optional<uint32_t> KeyFilters::next_word(uint32_t position, uint32_t word) const {
  std::optional<uint32_t> least = word;
  for (bool moved = true; moved && least;) {
    moved = false;
    for (const KeyFilter& filter : filters_) {
      if (filter.position != position || !least) continue;
      std::optional<uint32_t> next = filter.next(*least);
      moved |= next && *next != *least;
      least = next;
    }
  }
  return least;
}

bool KeyFilters::matches(const uint32_t* words) const {
  return std::all_of(filters_.begin(), filters_.end(), [&](const KeyFilter& filter) {
    return filter.next(words[filter.position]) == words[filter.position];
  });
}

std::optional<Key> KeyFilters::next(Key key) const {
  for (uint32_t i = 0; i < keys_;) {
    std::optional<uint32_t> word = next_word(i, key[i]);
    if (word == key[i]) {
      ++i;
      continue;
    }
    if (!word) {
      if (!next_word(i, 0)) return std::nullopt;  // a filter that nothing can pass
      // Nothing is left under these leading words: go on with the next of them.
      while (i > 0 && key[i - 1] == ~0u) --i;
      if (i == 0) return std::nullopt;
      --i;
      word = key[i] + 1;
    }
    key[i] = *word;
    std::fill(key.begin() + i + 1, key.end(), 0);
  }
  return key;
}

std::optional<Key> KeyFilters::exact() const {
  Key key{};
  for (uint32_t i = 0; i < keys_; ++i) {
    auto single = std::find_if(filters_.begin(), filters_.end(), [i](const KeyFilter& filter) {
      return filter.position == i && (filter.range ? filter.from == filter.to : filter.any_of.size() == 1);
    });
    if (single == filters_.end()) return std::nullopt;
    key[i] = single->range ? single->from : single->any_of[0];
  }
  return matches(key.data()) ? std::optional(key) : std::nullopt;
}

}  // namespace lode::gold
