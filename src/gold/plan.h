// A view made ready to run: which cells and sets a row has, and what a fact does to them. Immutable; any
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "gold/view.h"
#include "gold/weights.h"

namespace lode::gold {

constexpr size_t kKinds = 8;  // kinds are below this

// What a sum of `operand` takes of a fact.
inline event::Int128 operand_of(const silver::Fact& fact, Measure::Operand operand) {
  switch (operand) {
    case Measure::Operand::quantity:
      return fact.quantity;
    case Measure::Operand::amount:
      return fact.amount;
    case Measure::Operand::discount:
      return fact.discount;
    case Measure::Operand::net_amount:
      return fact.amount - fact.discount;
  }
  return 0;
}

// A row is cells (sums, and counts of orders that touch one row only) and sets (counted members: orders that
// touch several rows, customers, days). An order that touches several rows of a view is a member of each, so
// that a roll-up counts it once; the many that touch one row cost no more than a counter.
struct Plan {
  struct Sum {
    uint32_t cell;
    Measure::Operand operand;
  };
  struct Orders {
    KindMask kinds;
    uint32_t cell;
    uint32_t set;
  };
  struct Members {
    uint32_t set;
    bool days;  // else customers
  };
  // Where a measure reads from: cell and set of stored ones, measures' numbers of others.
  struct Source {
    uint32_t cell = 0;
    uint32_t set = 0;
    std::vector<uint32_t> of;
  };

  explicit Plan(const View& view);

  const View* view;
  uint64_t id;  // the head of its keys on the disk; stable while the declaration is
  uint32_t keys;
  uint32_t cells = 0;
  uint32_t sets = 0;
  std::array<std::vector<Sum>, kKinds> sums;         // by kind
  std::array<std::vector<Members>, kKinds> members;  // by kind
  std::vector<Orders> orders;
  KindMask order_kinds = 0;  // that any of `orders` counts
  std::vector<uint32_t> day_sets;
  enum class SetType : uint8_t { orders, customers, days };
  std::vector<SetType> set_types;
  std::vector<Source> sources;  // as the view's measures
  Weights weights;
  std::array<FactWeights, kKinds> fact_weights;  // by kind; the same as `sums`

  bool takes(const silver::Fact& fact) const {
    return (view->kinds & bit(fact.kind)) != 0 && (!view->known_customers || fact.customer != 0);
  }
  Key key(const Words& words) const {
    Key key{};
    for (uint32_t i = 0; i < keys; ++i) key[i] = words[static_cast<size_t>(view->keys[i])];
    return key;
  }
};

}  // namespace lode::gold
