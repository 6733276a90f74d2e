#include "silver/order.h"

#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <optional>

#include "silver/unreturned.h"

namespace lode::silver {

namespace {

using event::EventType;
using event::Int128;

// Tells `refuse` of the records that a lifecycle rule refuses; refunds are not fitted yet.
template <typename Refuse>
Standing stand(const OrderState& state, Refuse refuse) {
  Standing standing;
  bool cancelled = false;
  int64_t revision = 0;
  for (size_t i = 0; i < state.records.size(); ++i) {
    const OrderRecord& record = state.records[i];
    if (record.type == EventType::cancellation) {
      cancelled = true;
    } else if (cancelled && standing.purchase >= 0) {
      refuse(i, Rule::order_cancelled);
    } else if (record.type == EventType::purchase) {
      if (standing.purchase >= 0 && record.revision <= revision) {
        refuse(i, Rule::duplicate_order);
        continue;
      }
      if (standing.purchase < 0) standing.first_purchase = static_cast<int>(i);
      standing.purchase = static_cast<int>(i);
      revision = record.revision;
    }
  }
  if (standing.purchase >= 0) standing.status = cancelled ? OrderStatus::cancelled : OrderStatus::open;
  return standing;
}

// The skus that refunds name.
absl::flat_hash_set<uint32_t> refunded_skus(const OrderState& state) {
  absl::flat_hash_set<uint32_t> skus;
  for (const OrderRecord& record : state.records) {
    if (record.type != EventType::refund) continue;
    for (const OrderLine& line : record.lines) skus.insert(line.sku);
  }
  return skus;
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

Fact common_fact(const OrderState& state, const OrderRecord& purchase) {
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

Standing standing_of(const OrderState& state) {
  return stand(state, [](size_t, Rule) {});
}

void fold(const OrderState& state, Outcome& outcome) {
  outcome.verdicts.assign(state.records.size(), std::nullopt);
  outcome.facts.clear();
  outcome.facts_before_last = 0;
  static_cast<Standing&>(outcome) = stand(state, [&](size_t i, Rule rule) { outcome.verdicts[i] = rule; });
  if (outcome.purchase < 0) {
    std::fill(outcome.verdicts.begin(), outcome.verdicts.end(), Rule::unknown_order);
    return;
  }

  const OrderRecord& purchase = state.records[static_cast<size_t>(outcome.purchase)];
  Fact common = common_fact(state, purchase);
  outcome.facts.reserve(purchase.lines.size());
  for (const OrderLine& line : purchase.lines) book(common, line, outcome.facts);
  std::optional<Unreturned> unreturned;
  for (size_t i = 0; i < state.records.size(); ++i) {
    const OrderRecord& record = state.records[i];
    outcome.facts_before_last = outcome.facts.size();
    if (record.type != EventType::refund || outcome.verdicts[i]) continue;
    if (!unreturned) unreturned.emplace(purchase, refunded_skus(state));
    if (!unreturned->fit(record, common, outcome.facts)) outcome.verdicts[i] = Rule::refund_exceeds_order;
  }
  if (outcome.status == OrderStatus::open) return;
  outcome.facts.clear();
  outcome.facts_before_last = 0;
}

}  // namespace lode::silver
