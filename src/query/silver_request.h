// What a read of silver asks for, parsed from its parameters: filters on columns, limit, cursor. Pure; any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/time.h"
#include "query/filters.h"
#include "query/result.h"

namespace lode::query {

struct TableFilter {
  std::string column;
  Form form = Form::text;
};

// A table that is read: its columns, and which of them can be filtered by.
struct TableShape {
  std::string name;
  std::vector<std::string> columns;
  std::vector<TableFilter> filters;
};

struct ColumnFilter {
  size_t column = 0;
  std::vector<std::string> any_of;        // text or number as it is shown; empty: a range
  std::optional<event::Micros> from, to;  // of `occurred_at`, both within
};

struct SilverRequest {
  std::vector<ColumnFilter> filters;
  uint32_t limit = 0;
  std::string after;                              // the key to go on behind; "" from the start
  uint64_t offsets_from = 0, offsets_to = ~0ull;  // of the quarantine: [from, to)
  uint64_t hash = 0;  // of everything but limit and cursor: a cursor belongs to it

  bool keeps(const std::vector<Value>& row) const;
  const std::vector<std::string>* values_of(size_t column) const;  // null: no such filter
};

Answer<SilverRequest> parse_silver_request(const TableShape& shape, const Parameters& parameters);

}  // namespace lode::query
