// Reads of gold: GET /v1/gold/{view}. Filters by key, group_by roll-ups, order_by, limit, cursor (contract
// section 7).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "gold/gold.h"
#include "query/result.h"
#include "store/dictionary.h"
#include "store/state.h"

namespace lode::query {

struct GoldSource {
  const store::State& state;
  const gold::Gold& gold;
  const store::Dictionary& dictionary;
  // The position of what is applied; called with the state's mutex held (shared).
  std::function<Position()> position;
  uint64_t rules_hash = 0;  // of what makes its rows, but for the views
};

// Any thread. Takes the state's mutex (shared) itself, shortly. Parameters other than key filters, group_by,
// order_by, limit and cursor are 400 with a pointer; the caller takes out those that are not the query's own
// (min_offset, wait_ms).
Answer<Result> query_gold(const GoldSource& source, std::string_view view, const Parameters& parameters);

// 404 and 422 of every read of gold.
Failure unknown_view(const gold::Gold& gold, std::string_view name);
Failure mixed_currencies();

}  // namespace lode::query
