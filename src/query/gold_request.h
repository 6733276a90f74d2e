// What GET /v1/gold/{view} asks for, read from its parameters. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gold/key_filter.h"
#include "query/gold_query.h"
#include "query/result.h"

namespace lode::query {

struct GoldRequest {
  struct Order {
    bool descending = false;
    bool measure = false;
    uint32_t number = 0;  // of the measure, or of the column among the groups
  };

  explicit GoldRequest(const gold::View& of) : view(of), filters(static_cast<uint32_t>(of.keys.size())) {}

  const gold::View& view;
  gold::KeyFilters filters;
  std::vector<uint32_t> groups;  // positions of keys, ascending
  std::optional<Order> order;
  uint32_t limit = 0;
  std::optional<gold::Key> after;
  uint64_t hash = 0;                 // of the query that a cursor belongs to
  std::optional<uint32_t> currency;  // the only one that is asked for
};

// Takes the state's mutex (shared) to look texts up.
Answer<GoldRequest> parse_gold_request(const GoldSource& source, const gold::View& view,
                                       const Parameters& parameters);

std::string encode_gold_cursor(const GoldRequest& request, const gold::Key& last);

}  // namespace lode::query
