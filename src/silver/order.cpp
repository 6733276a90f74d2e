#include "silver/order.h"

#include <algorithm>
#include <optional>

#include "silver/unreturned.h"

namespace lode::silver {

namespace {

using event::EventType;
using event::Int128;

// Which purchase counts, whether the order is cancelled, and each record's verdict; refunds are not fitted
// yet.
void decide(const OrderState& state, Outcome& outcome) {
  bool cancelled = false;
  int64_t revision = 0;
  for (size_t i = 0; i < state.records.size(); ++i) {
    const OrderRecord& record = state.records[i];
    if (record.type == EventType::cancellation) {
      cancelled = true;
    } else if (cancelled && outcome.purchase >= 0) {
      outcome.verdicts[i] = Rule::order_cancelled;
    } else if (record.type == EventType::purchase) {
      if (outcome.purchase >= 0 && record.revision <= revision) {
        outcome.verdicts[i] = Rule::duplicate_order;
        continue;
      }
      if (outcome.purchase < 0) outcome.first_purchase = static_cast<int>(i);
      outcome.purchase = static_cast<int>(i);
      revision = record.revision;
    }
  }
  if (outcome.purchase < 0) {
    std::fill(outcome.verdicts.begin(), outcome.verdicts.end(), Rule::unknown_order);
    return;
  }
  outcome.status = cancelled ? OrderStatus::cancelled : OrderStatus::open;
}

// What all facts of the order have in common.
Fact fact_of(const OrderState& state, const OrderRecord& purchase) {
  Fact fact;
  fact.country = purchase.country;
  fact.currency = purchase.currency;
  fact.customer = purchase.customer;
  fact.customer_type = purchase.customer_type;
  fact.channel = purchase.channel;
  fact.source = purchase.source;
  fact.occurred_at = purchase.occurred_at;
  fact.order = state.row;
  return fact;
}

void book(Fact fact, const OrderLine& line, std::vector<Fact>& facts) {
  Int128 amount = Int128{line.quantity} * line.unit_price;
  fact.kind = kind_of(line);
  fact.sku = line.sku;
  fact.category = line.category;
  fact.quantity = line.quantity;
  switch (fact.kind) {
    case Kind::sale:
      fact.amount = amount;
      fact.discount = line.discount;
      break;
    case Kind::return_:
      fact.quantity = -fact.quantity;
      fact.amount = -amount;
      break;
    case Kind::fee:
      fact.amount = amount;
      break;
    case Kind::free:
    case Kind::adjustment:
      break;
  }
  facts.push_back(fact);
}

}  // namespace

Kind kind_of(const OrderLine& line) {
  if (line.fee) return Kind::fee;
  if (line.quantity > 0 && line.unit_price > 0) return Kind::sale;
  if (line.quantity < 0 && line.unit_price > 0) return Kind::return_;
  if (line.quantity > 0 && line.unit_price == 0) return Kind::free;
  return Kind::adjustment;
}

void fold(const OrderState& state, Outcome& outcome) {
  outcome.status = OrderStatus::waiting;
  outcome.first_purchase = outcome.purchase = -1;
  outcome.verdicts.assign(state.records.size(), std::nullopt);
  outcome.facts.clear();
  decide(state, outcome);
  if (outcome.purchase < 0) return;

  const OrderRecord& purchase = state.records[static_cast<size_t>(outcome.purchase)];
  Fact common = fact_of(state, purchase);
  for (const OrderLine& line : purchase.lines) book(common, line, outcome.facts);
  std::optional<Unreturned> unreturned;
  for (size_t i = 0; i < state.records.size(); ++i) {
    const OrderRecord& record = state.records[i];
    if (record.type != EventType::refund || outcome.verdicts[i]) continue;
    if (!unreturned) unreturned.emplace(purchase);
    if (!unreturned->fit(record, common, outcome.facts)) outcome.verdicts[i] = Rule::refund_exceeds_order;
  }
  if (outcome.status == OrderStatus::cancelled) outcome.facts.clear();
}

}  // namespace lode::silver
