// Reads of silver: GET /v1/silver/{table} and /v1/silver/{table}/{key}, the quarantine and the quality
// counters (contract section 7). Tables: orders, order_lines, customers, products, quarantine.
#pragma once

#include <functional>
#include <string_view>

#include "query/result.h"
#include "silver/tables.h"
#include "store/state.h"

namespace lode::query {

struct SilverSource {
  const store::State& state;
  const silver::Tables& tables;
  std::function<Position()> position;  // called with the state's mutex held (shared)
};

// Any thread; each takes the state's mutex (shared) itself, shortly.
Answer<Result> query_silver(const SilverSource& source, std::string_view table, const Parameters& parameters);
// One row; order_lines' key is "<order_id>/<line>", lines from 0, quarantine's the offset. 404 when there is
// none.
Answer<Result> query_silver_row(const SilverSource& source, std::string_view table, std::string_view key);
// The table `quarantine` under its own name.
Answer<Result> query_quarantine(const SilverSource& source, const Parameters& parameters);
Answer<Result> query_quality(const SilverSource& source, const Parameters& parameters);

}  // namespace lode::query
