// Where a number comes from: GET /v1/explain/gold/{view}. A cell of gold, or a roll-up of cells, as the
// records, orders and lines that it is made of; and whether they add up to it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "gold/zone_rules.h"
#include "query/gold_query.h"
#include "query/log_query.h"
#include "query/silver_query.h"

namespace lode::query {

// All of one generation.
struct ExplainSource {
  const GoldSource& gold;
  const SilverSource& silver;
  const LogSource& log;
  const gold::ZoneRules& zone;  // the reporting time zone
};

struct Explanation {
  // Rows: one a contribution, in the order of the log. With the first page, `adds_up`, and the tables `cell`,
  // `measures` (what the cell says and what the contributions come to), `by_source` and `by_rule`: over all
  // pages.
  Result result;
  // Why the contributions of the first page do not add up to the cell, a sentence; "" when they do, or on a
  // later page.
  std::string mismatch;
};

// Filters by key as in a read of gold; keys without one are rolled up. `measure`: what counts there alone.
// `without_effect=true`: also lines of cancelled orders, replaced purchases and refunds in quarantine.
// All pages are of one offset, the first one's. Walks through all orders (the 25,900 of Online Retail,
// 541,909 lines: 35 ms with lodectl's start); ends with 503 `interrupted` soon after that says true. Any
// thread; takes the state's mutex (shared) itself, shortly.
Answer<Explanation> explain_gold(const ExplainSource& source, std::string_view view,
                                 const Parameters& parameters, const std::function<bool()>& interrupted);

}  // namespace lode::query
