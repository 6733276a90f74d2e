#include "gold/contribution.h"

#include <algorithm>

namespace lode::gold {

Words words_of(const silver::Fact& fact, uint32_t day) {
  Words words{};
  auto word = [&words](Column column) -> uint32_t& { return words[static_cast<size_t>(column)]; };
  word(Column::day) = day;
  word(Column::country) = fact.country;
  word(Column::currency) = fact.currency;
  word(Column::sku) = fact.sku;
  word(Column::customer_id) = fact.customer;
  word(Column::customer_type) = fact.customer_type;
  word(Column::channel) = fact.channel;
  word(Column::category) = fact.category;
  word(Column::source) = fact.source;
  word(Column::kind) = static_cast<uint32_t>(fact.kind);
  return words;
}

Contributions::Contributions(const Plan& plan)
    : plan_(plan),
      cells_(plan.cells),
      order_counted_(plan.orders.size()),
      own_cells_(plan.cells),
      new_members_(plan.sets) {
  contribution_.counts.resize(plan.sources.size());
  contribution_.added.resize(plan.sources.size());
}

void Contributions::begin_order() { std::fill(order_counted_.begin(), order_counted_.end(), 0); }

const Contribution& Contributions::add(const silver::Fact& fact, uint32_t day) {
  const auto kind = static_cast<size_t>(fact.kind);
  std::fill(own_cells_.begin(), own_cells_.end(), 0);
  std::fill(new_members_.begin(), new_members_.end(), 0);
  for (const Plan::Sum& sum : plan_.sums[kind]) own_cells_[sum.cell] += operand_of(fact, sum.operand);
  for (size_t i = 0; i < plan_.orders.size(); ++i) {
    if ((plan_.orders[i].kinds & bit(fact.kind)) == 0 || order_counted_[i] != 0) continue;
    order_counted_[i] = 1;
    own_cells_[plan_.orders[i].cell] = 1;
  }
  for (const Plan::Members& members : plan_.members[kind]) {
    if (!members.days && fact.customer == 0) continue;
    new_members_[members.set] = ++members_[member_id(members.set, members.days ? day : fact.customer)] == 1;
  }
  for (uint32_t cell = 0; cell < plan_.cells; ++cell) cells_[cell] += own_cells_[cell];

  for (uint32_t i = 0; i < plan_.sources.size(); ++i) {
    const Measure& measure = plan_.view->measures[i];
    const Plan::Source& source = plan_.sources[i];
    bool counts = (measure.kinds & bit(fact.kind)) != 0;
    event::Int128 added = 0;
    switch (measure.type) {
      case Measure::Type::sum:
        added = own_cells_[source.cell];
        break;
      case Measure::Type::distinct:
        if (measure.member == Measure::Member::customer) counts = counts && fact.customer != 0;
        added = measure.member == Measure::Member::order ? own_cells_[source.cell] : new_members_[source.set];
        break;
      case Measure::Type::first_day:
      case Measure::Type::last_day:
        added = day;
        break;
      case Measure::Type::difference:
        counts = contribution_.counts[source.of[0]] != 0 || contribution_.counts[source.of[1]] != 0;
        added = contribution_.added[source.of[0]] - contribution_.added[source.of[1]];
        break;
      case Measure::Type::ratio:
      case Measure::Type::share:
      case Measure::Type::rank:
        counts = false;
        break;
    }
    contribution_.counts[i] = counts ? 1 : 0;
    contribution_.added[i] = counts ? added : 0;
  }
  return contribution_;
}

event::Int128 Contributions::sum_added(uint32_t measure, const silver::Fact& fact) const {
  const Measure& declared = plan_.view->measures[measure];
  const Plan::Source& source = plan_.sources[measure];
  if (declared.type == Measure::Type::difference)
    return sum_added(source.of[0], fact) - sum_added(source.of[1], fact);
  return (declared.kinds & bit(fact.kind)) != 0 ? operand_of(fact, declared.operand) : 0;
}

Total Contributions::total() const {
  std::vector<MemberCount> members;
  members.reserve(members_.size());
  for (const auto& [id, count] : members_) members.push_back({id, count});
  Total total(plan_.cells);
  total.add(cells_, members);
  total.settle();
  return total;
}

}  // namespace lode::gold
