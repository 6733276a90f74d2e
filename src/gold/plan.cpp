#include "gold/plan.h"

#include <map>
#include <tuple>

namespace lode::gold {

Plan::Plan(const View& declared)
    : view(&declared), id(declared.version), keys(static_cast<uint32_t>(declared.keys.size())) {
  // Measures that store the same thing share it.
  std::map<std::tuple<Measure::Type, int, KindMask>, Source> stored;
  std::map<std::string, uint32_t> numbers;
  for (const Measure& measure : view->measures) {
    Source source;
    for (const std::string& name : measure.of) source.of.push_back(numbers.at(name));
    numbers.emplace(measure.name, static_cast<uint32_t>(numbers.size()));
    if (measure.type <= Measure::Type::last_day) {
      bool days = measure.type == Measure::Type::first_day || measure.type == Measure::Type::last_day;
      bool order_count = measure.type == Measure::Type::distinct && measure.member == Measure::Member::order;
      bool sum = measure.type == Measure::Type::sum;
      int what = sum ? static_cast<int>(measure.operand) : static_cast<int>(measure.member);
      auto [place, fresh] =
          stored.try_emplace({days ? Measure::Type::first_day : measure.type, what, measure.kinds});
      Source& cell = place->second;
      if (fresh) {
        if (sum || order_count) cell.cell = cells++;
        if (!sum) cell.set = sets++;
        if (days) day_sets.push_back(cell.set);
        if (order_count) orders.push_back({measure.kinds, cell.cell, cell.set});
        for (size_t kind = 0; kind < kKinds; ++kind) {
          if ((measure.kinds >> kind & 1) == 0) continue;
          if (sum) sums[kind].push_back({cell.cell, measure.operand});
          if (!sum && !order_count) members[kind].push_back({cell.set, days});
        }
      }
      source.cell = cell.cell;
      source.set = cell.set;
    }
    sources.push_back(std::move(source));
  }
}

Key Plan::key(const silver::Fact& fact, uint32_t day) const {
  Key key{};
  for (uint32_t i = 0; i < keys; ++i) {
    switch (view->keys[i]) {
      case Column::day:
        key[i] = day;
        break;
      case Column::country:
        key[i] = fact.country;
        break;
      case Column::currency:
        key[i] = fact.currency;
        break;
      case Column::sku:
        key[i] = fact.sku;
        break;
      case Column::customer_id:
        key[i] = fact.customer;
        break;
      case Column::customer_type:
        key[i] = fact.customer_type;
        break;
      case Column::channel:
        key[i] = fact.channel;
        break;
      case Column::category:
        key[i] = fact.category;
        break;
      case Column::source:
        key[i] = fact.source;
        break;
      case Column::kind:
        key[i] = static_cast<uint32_t>(fact.kind);
        break;
    }
  }
  return key;
}

}  // namespace lode::gold
