// What GET /v1/explain/gold/{view} asks for, read from its parameters. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "query/gold_request.h"

namespace lode::query {

struct ExplainRequest {
  // Where the page before ended; all pages are of one offset.
  struct After {
    uint64_t offset = 0;
    uint64_t row = 0;   // of the order
    uint32_t item = 0;  // of its contributions
  };

  explicit ExplainRequest(GoldRequest cell) : gold(std::move(cell)) {}

  GoldRequest gold;  // groups: the keys that are given by one value; all others are rolled up
  // Numbers of the measures that are shown: those that add up, and what `measure` is made of.
  std::vector<uint32_t> shown;
  std::optional<uint32_t> measure;  // the only one that is asked for
  bool without_effect = false;      // also what contributes nothing (any more), with the reason
  std::optional<After> after;
  uint64_t hash = 0;  // of the query that a cursor belongs to
};

Answer<ExplainRequest> parse_explain_request(const gold::View& view, const Parameters& parameters,
                                             uint64_t rules_hash);

std::string encode_explain_cursor(const ExplainRequest& request, const ExplainRequest::After& last);

}  // namespace lode::query
