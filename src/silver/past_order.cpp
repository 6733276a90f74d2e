#include "silver/past_order.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "silver/order_row.h"

namespace lode::silver {

using event::EventType;

bool take_back(const Tables& tables, uint64_t offset, OrderState& state, std::string& bytes) {
  if (state.records.empty() || state.records.back().offset <= offset) return true;
  std::erase_if(state.records, [&](const OrderRecord& record) { return record.offset > offset; });
  const Standing standing = standing_of(state);
  if (standing.purchase < 0) return true;
  OrderRecord& purchase = state.records[static_cast<size_t>(standing.purchase)];
  if (!purchase.lines.empty()) return true;
  if (purchase.offset != state.row || !tables.get_bought(state.row, bytes)) return false;
  OrderState bought = unpack_order(state.row, bytes);
  purchase.lines = std::move(bought.records.at(0).lines);
  return true;
}

std::vector<FactOrigin> origins_of(const OrderState& state, const Outcome& outcome) {
  std::vector<FactOrigin> origins;
  if (outcome.facts.empty()) return origins;
  origins.reserve(outcome.facts.size());
  const auto purchase = static_cast<uint32_t>(outcome.purchase);
  for (uint32_t line = 0; line < state.records[purchase].lines.size(); ++line)
    origins.push_back({purchase, line});
  for (uint32_t i = 0; i < state.records.size(); ++i) {
    const OrderRecord& record = state.records[i];
    if (record.type != EventType::refund || outcome.verdicts[i]) continue;
    // A refund's line is one fact for each line of the purchase that it takes units of.
    for (uint32_t line = 0; line < record.lines.size(); ++line) {
      for (int64_t units = record.lines[line].quantity; units > 0;) {
        units -= std::abs(outcome.facts.at(origins.size()).quantity);
        origins.push_back({i, line});
      }
    }
  }
  if (origins.size() != outcome.facts.size()) throw std::logic_error("an order has facts of no line");
  return origins;
}

OrderState uncancelled(OrderState state) {
  std::erase_if(state.records,
                [](const OrderRecord& record) { return record.type == EventType::cancellation; });
  return state;
}

}  // namespace lode::silver
