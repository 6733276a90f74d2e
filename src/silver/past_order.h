// An order as it stood when an earlier offset was the last one applied, and which of its records and lines
// each fact comes from: for who tells where a number comes from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "silver/order.h"
#include "silver/tables.h"

namespace lode::silver {

// Takes back what records beyond `offset` did: `state`, as unpacked from its row, becomes what it was. False:
// a revision's lines are needed that a later one has replaced since, and nobody has them any more. `bytes`
// holds texts of the state then. The state's mutex is held, shared at least.
bool take_back(const Tables& tables, uint64_t offset, OrderState& state, std::string& bytes);

struct FactOrigin {
  uint32_t record = 0;  // in OrderState::records
  uint32_t line = 0;    // in its lines
  friend bool operator==(const FactOrigin&, const FactOrigin&) = default;
};

// As `outcome.facts`, which are fold()'s of this state. Pure.
std::vector<FactOrigin> origins_of(const OrderState& state, const Outcome& outcome);

// The order without its cancellations: what it would be, and what its lines were before. Pure.
OrderState uncancelled(OrderState state);

}  // namespace lode::silver
