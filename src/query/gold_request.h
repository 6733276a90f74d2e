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

  // Any of some texts, whose numbers are looked up where the rows are read.
  struct TextFilter {
    uint32_t position;  // among the view's keys
    store::Domain domain;
    std::vector<std::string> any_of;
  };

  explicit GoldRequest(const gold::View& of) : view(of) {}

  // Texts that the dictionary does not know are in no row: its answer holds for the moment that the state's
  // mutex is held (shared at least), and so must the rows and the position that go with it.
  gold::KeyFilters filters(const store::Dictionary& dictionary) const;

  // Whether money of several currencies would be added up, if there are several: known when all rows were
  // seen.
  bool mixes_currencies() const;

  const gold::View& view;
  std::vector<gold::KeyFilter> words;
  std::vector<TextFilter> texts;
  std::vector<uint32_t> groups;  // positions of keys, ascending
  std::optional<Order> order;
  uint32_t limit = 0;
  std::optional<gold::Key> after;
  uint64_t hash = 0;                 // of the query that a cursor belongs to
  std::optional<uint32_t> currency;  // the only one that is asked for
};

// Pure.
// `rules_hash`: a cursor holds for one version of the view, and for the rules whose dictionary has its
// numbers.
Answer<GoldRequest> parse_gold_request(const gold::View& view, const Parameters& parameters,
                                       uint64_t rules_hash);

std::string encode_gold_cursor(const GoldRequest& request, const gold::Key& last);

}  // namespace lode::query
