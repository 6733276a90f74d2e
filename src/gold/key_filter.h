// Which rows a read asks for, by their key words. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gold/plan.h"

namespace lode::gold {

// One key word is one of `any_of` (ascending), or in [from, to].
struct KeyFilter {
  uint32_t position = 0;  // among the view's keys
  std::vector<uint32_t> any_of;
  uint32_t from = 0, to = ~0u;
  bool range = false;

  // The least allowed word at or above `word`.
  std::optional<uint32_t> next(uint32_t word) const;
};

// All of several filters, over the keys of one view.
class KeyFilters {
 public:
  explicit KeyFilters(uint32_t keys) : keys_(keys) {}
  void add(KeyFilter filter) { filters_.push_back(std::move(filter)); }

  bool matches(const uint32_t* words) const;
  // The least key at or above `key` that may match: where a scan goes on.
  std::optional<Key> next(Key key) const;
  // The only key that can match, when each key word is given.
  std::optional<Key> exact() const;
  const std::vector<KeyFilter>& list() const { return filters_; }
  uint32_t keys() const { return keys_; }

 private:
  std::optional<uint32_t> next_word(uint32_t position, uint32_t word) const;

  uint32_t keys_;
  std::vector<KeyFilter> filters_;
};

}  // namespace lode::gold
