// The units of a purchase that no refund has taken yet: what refunds are fitted against. A sku's lines are
// taken in their order. All refunds of an order together cost as much as their lines and the purchase's.
#pragma once

#include <absl/container/flat_hash_set.h>

#include <cstdint>
#include <vector>

#include "silver/fact.h"
#include "silver/order.h"

namespace lode::silver {

// Not thread-safe. The purchase outlives it.
class Unreturned {
 public:
  // Of these skus alone: those that the refunds name.
  Unreturned(const OrderRecord& purchase, const absl::flat_hash_set<uint32_t>& refunded);

  // Takes the refund's units and appends their facts, each a copy of `fact` filled in. False, and nothing is
  // taken, when there are too few.
  bool fit(const OrderRecord& refund, Fact fact, std::vector<Fact>& facts);

 private:
  struct Sku {
    uint32_t sku = 0;
    int64_t units = 0;  // left in all of its lines
    size_t next = 0;    // in line_order_: its first line with units left
  };
  Sku* find(uint32_t sku);
  bool reserve(const OrderRecord& refund);

  const OrderRecord& purchase_;
  std::vector<uint32_t> line_order_;  // by sku, then by line
  std::vector<int64_t> left_;         // per line of the purchase
  std::vector<Sku> skus_;             // ascending
};

}  // namespace lode::silver
