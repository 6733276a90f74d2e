#include "silver/unreturned.h"

#include <algorithm>

namespace lode::silver {

namespace {

using event::Int128;

// What `units` of a bought line are worth; division rounds toward zero.
Int128 worth(const OrderLine& bought, int64_t units) {
  Int128 paid = Int128{bought.unit_price} * bought.quantity;
  if (kind_of(bought) == Kind::sale) paid -= bought.discount;
  return paid * units / bought.quantity;
}

}  // namespace

Unreturned::Unreturned(const OrderRecord& purchase, const absl::flat_hash_set<uint32_t>& refunded)
    : purchase_(purchase) {
  const std::vector<OrderLine>& lines = purchase.lines;
  left_.reserve(lines.size());
  for (uint32_t i = 0; i < lines.size(); ++i) {
    left_.push_back(std::max<int64_t>(lines[i].quantity, 0));
    if (left_.back() > 0 && refunded.contains(lines[i].sku)) line_order_.push_back(i);
  }
  std::sort(line_order_.begin(), line_order_.end(),
            [&](uint32_t a, uint32_t b) { return std::pair(lines[a].sku, a) < std::pair(lines[b].sku, b); });
  for (size_t at = 0; at < line_order_.size(); ++at) {
    uint32_t sku = lines[line_order_[at]].sku;
    if (skus_.empty() || skus_.back().sku != sku) skus_.push_back({sku, 0, at});
    skus_.back().units += left_[line_order_[at]];
  }
}

Unreturned::Sku* Unreturned::find(uint32_t sku) {
  auto found = std::lower_bound(skus_.begin(), skus_.end(), sku,
                                [](const Sku& known, uint32_t wanted) { return known.sku < wanted; });
  return found != skus_.end() && found->sku == sku ? &*found : nullptr;
}

// Takes the refund's units off the skus' sums, all of them or none.
bool Unreturned::reserve(const OrderRecord& refund) {
  for (size_t i = 0; i < refund.lines.size(); ++i) {
    const OrderLine& line = refund.lines[i];
    Sku* sku = find(line.sku);
    int64_t units = sku ? sku->units : 0;
    if (line.quantity >= 0 && line.quantity <= units) {
      if (sku) sku->units -= line.quantity;
      continue;
    }
    while (i-- > 0) {
      if (Sku* taken = find(refund.lines[i].sku)) taken->units += refund.lines[i].quantity;
    }
    return false;
  }
  return true;
}

bool Unreturned::fit(const OrderRecord& refund, Fact fact, std::vector<Fact>& facts) {
  if (!reserve(refund)) return false;
  fact.occurred_at = refund.occurred_at;
  for (const OrderLine& line : refund.lines) {
    Sku* sku = find(line.sku);
    for (int64_t wanted = line.quantity; wanted > 0;) {
      int64_t& left = left_[line_order_[sku->next]];
      const OrderLine& bought = purchase_.lines[line_order_[sku->next]];
      int64_t units = std::min(wanted, left);
      Int128 amount = line.has_unit_price ? Int128{line.unit_price} * units : worth(bought, units);
      int sign = bought.fee ? -1 : 1;
      fact.kind = bought.fee ? Kind::fee : Kind::return_;
      fact.sku = bought.sku;
      fact.category = bought.category;
      fact.quantity = sign * units;
      fact.amount = sign * amount;
      facts.push_back(fact);
      wanted -= units;
      if ((left -= units) == 0) ++sku->next;
    }
  }
  return true;
}

}  // namespace lode::silver
