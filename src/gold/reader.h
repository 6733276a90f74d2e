// Reads of a view: active epoch over frozen over the disk's snapshot, added up by key, rolled up to fewer
// keys.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "gold/gold.h"
#include "gold/group.h"
#include "gold/key_filter.h"
#include "store/state.h"

namespace lode::gold {

struct ReadRequest {
  const View& view;
  KeyFilters filters;
  std::vector<uint32_t> groups;  // positions of the keys to group by, ascending; all of them: rows as stored
  std::optional<Key> after;      // rows up to this group are not wanted
  uint32_t wanted = 0;           // about how many rows; 0: all
  KeyText text;
};

struct ReadEnd {
  // Set when the read ended before the last row, though the sink never refused one: where to go on.
  std::optional<Key> reached;
  std::vector<uint32_t> currencies;  // of the rows that were added up, when the view is keyed by currency
};

class Reader {
 public:
  Reader(const store::State& state, const Gold& gold) : state_(state), gold_(gold) {}

  // Gives rows to `sink`, ascending by group, until it says false; all are of one moment. `locate` is called
  // at that moment, with the state's mutex held, and says what is read. Any thread; the mutex is not held,
  // and taken for about as long as it takes to point to the rows, not to copy them. Throws store::Damaged.
  ReadEnd read(const std::function<ReadRequest()>& locate, const std::function<bool(Row&&)>& sink) const;

 private:
  struct Sources;

  bool read_resident(const Grouping& grouping, const Key& key, Total& total) const;
  void make_resident(const Plan& plan, const Key& key) const;

  const store::State& state_;
  const Gold& gold_;
};

}  // namespace lode::gold
