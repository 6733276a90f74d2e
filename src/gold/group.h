// A roll-up under way: rows come in by key, the answer's rows come out. Share and rank are made here, because
// they need rows that the answer may not show. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "gold/figure.h"
#include "gold/key_filter.h"
#include "gold/plan.h"
#include "gold/total.h"

namespace lode::gold {

// A row of an answer.
struct Row {
  Key group{};                  // words of the keys that it is grouped by, in their order; then 0
  std::vector<Figure> figures;  // as the view's measures
};

// The text behind a key word, for ranking by text.
using KeyText = std::function<std::string(Column, uint32_t)>;

// How an answer's rows are made of the view's rows.
class Grouping {
 public:
  // `groups`: positions of the keys to group by, ascending.
  Grouping(const Plan& plan, const KeyFilters& filters, std::vector<uint32_t> groups);

  const Plan& plan;
  const std::vector<uint32_t> groups;
  std::vector<uint32_t> related;  // share and rank measures that this grouping can answer
  // Share and rank look at all rows of the view that are equal in their `within`. So filters take effect in
  // three steps: on what is scanned, on what is added up, and on what is shown.
  KeyFilters scanned;
  KeyFilters added;
  KeyFilters shown;         // positions are of the group's words
  bool in_order = false;    // groups end in the order of the scan
  uint32_t unit_words = 0;  // when in_order: rows equal in so many leading words are needed together

  Key group_of(const Key& key) const;
  std::vector<uint32_t> within_of(uint32_t measure) const;  // positions among the group's words
};

class Groups {
 public:
  Groups(const Grouping& grouping, const KeyText& text) : grouping_(grouping), text_(text) {}

  void add(const Key& key, const Total& row);
  bool empty() const { return totals_.empty(); }
  // The rows of what was added, ascending by group, and begins anew.
  std::vector<Row> take();

 private:
  using Within = std::pair<uint32_t, Key>;  // measure, values

  Key within(uint32_t measure, const Key& group) const;
  void set_shares(uint32_t measure, std::vector<Row>& rows) const;

  const Grouping& grouping_;
  const KeyText& text_;
  std::vector<std::pair<Key, Total>> totals_;
  absl::flat_hash_map<Key, size_t> places_;
  absl::flat_hash_map<Within, event::Int128> whole_;  // what shares are of
};

}  // namespace lode::gold
