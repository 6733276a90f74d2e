// Ranks of a few rows or of all, among rows that are equal in a measure's `within`: highest first, then by
// the texts of the keys. Texts are asked for only where figures tie with a row whose rank is wanted. One
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gold/group.h"

namespace lode::gold {

class Standings {
 public:
  // Of measure number `measure`, a rank.
  Standings(const Grouping& grouping, uint32_t measure, const KeyText& text)
      : grouping_(grouping), of_(grouping.plan.sources[measure].of), text_(text) {}

  // `total` is settled.
  void add(const Key& group, const Key& within, const Total& total);
  // The ranks of these rows, which are numbers in the order of add().
  std::vector<int64_t> ranks(const std::vector<uint32_t>& wanted) const;

 private:
  struct Entry {
    Key group;
    Key within;
  };

  int compare_figures(uint32_t a, uint32_t b) const;  // < 0: a stands before b
  bool text_before(const Key& a, const Key& b) const;
  int64_t rank_of(uint32_t wanted) const;
  std::vector<int64_t> all_ranks(const std::vector<uint32_t>& wanted) const;
  void sort_tied(std::vector<uint32_t>::iterator first, std::vector<uint32_t>::iterator last) const;

  const Grouping& grouping_;
  const std::vector<uint32_t>& of_;
  const KeyText& text_;
  std::vector<Entry> entries_;
  std::vector<event::Int128> figures_;  // of_.size() an entry
};

}  // namespace lode::gold
