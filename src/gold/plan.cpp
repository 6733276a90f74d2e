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
        if (!sum) {
          cell.set = sets++;
          set_types.push_back(days ? SetType::days : order_count ? SetType::orders : SetType::customers);
        }
        if (days) day_sets.push_back(cell.set);
        if (order_count) {
          orders.push_back({measure.kinds, cell.cell, cell.set});
          order_kinds |= measure.kinds;
        }
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
  weights = Weights(declared, cells, sets);
  for (size_t kind = 0; kind < kKinds; ++kind) {
    for (const Sum& sum : sums[kind]) fact_weights[kind].add(sum.operand, weights.cell(sum.cell));
  }
}

}  // namespace lode::gold
