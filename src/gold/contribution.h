// What facts add to one row of a view, or to a roll-up of rows, fact by fact and measure by measure: by the
// plan that the operator runs (plan.h), in units in which the measures add up. One thread.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "gold/plan.h"
#include "gold/total.h"

namespace lode::gold {

// By column, what the fact is keyed by. `day`: the word of its reporting day.
Words words_of(const silver::Fact& fact, uint32_t day);

// Of one fact, by the view's measures.
struct Contribution {
  // Whether the measure looks at the fact. Ratios, shares and ranks look at none: they are made of others.
  std::vector<uint8_t> counts;
  // Of a sum or a difference what is added to it; of a distinct count 1 for the first fact of its member,
  // else 0; of a first or last day the day's word.
  std::vector<event::Int128> added;
};

class Contributions {
 public:
  // `plan` outlives it.
  explicit Contributions(const Plan& plan);

  // The next facts are another order's: all of an order's facts in the row come together.
  void begin_order();
  // Adds a fact that is in the row. Valid until the next call.
  const Contribution& add(const silver::Fact& fact, uint32_t day);
  // What measure number `measure`, a sum or a difference of such, takes of a fact, added or not.
  event::Int128 sum_added(uint32_t measure, const silver::Fact& fact) const;

  // All that was added, settled: figures_of() makes measures of it.
  Total total() const;

 private:
  const Plan& plan_;
  std::vector<event::Int128> cells_;                // of all facts
  absl::flat_hash_map<uint64_t, int64_t> members_;  // by member_id()
  std::vector<uint8_t> order_counted_;              // as plan.orders
  std::vector<event::Int128> own_cells_;            // of the fact at hand
  std::vector<uint8_t> new_members_;                // by set: the fact's is a new one
  Contribution contribution_;
};

}  // namespace lode::gold
