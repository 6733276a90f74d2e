#include "query/silver_request.h"

#include <algorithm>

#include "query/page.h"

namespace lode::query {

namespace {

constexpr int64_t kDayMicros = 86'400'000'000;

// A day stands for all of it, in UTC.
event::Micros bound_of(const std::string& text, bool upper) {
  event::Micros bound;
  if (event::parse_rfc3339(text, bound)) return bound;
  event::Day day;
  event::parse_day(text, day);
  bound.value = day.value * kDayMicros + (upper ? kDayMicros - 1 : 0);
  return bound;
}

size_t column_of(const TableShape& shape, const std::string& name) {
  return static_cast<size_t>(std::find(shape.columns.begin(), shape.columns.end(), name) -
                             shape.columns.begin());
}

std::optional<Failure> add_filter(const TableShape& shape, const TableFilter& known, const std::string& text,
                                  SilverRequest& request) {
  auto parsed = parse_filter(known.form, known.column, text);
  if (auto* failure = std::get_if<Failure>(&parsed)) return std::move(*failure);
  auto& values = std::get<Filter>(parsed);
  ColumnFilter& filter = request.filters.emplace_back();
  filter.column = column_of(shape, known.column);
  filter.any_of = std::move(values.any_of);
  if (values.from) filter.from = bound_of(*values.from, false);
  if (values.to) filter.to = bound_of(*values.to, true);
  return std::nullopt;
}

bool matches(const ColumnFilter& filter, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (!filter.any_of.empty()) {
    std::string shown;
    if (text) shown = *text;
    if (const auto* number = std::get_if<int64_t>(&value)) shown = std::to_string(*number);
    return std::find(filter.any_of.begin(), filter.any_of.end(), shown) != filter.any_of.end();
  }
  event::Micros at;
  if (!text || !event::parse_rfc3339(*text, at)) return false;
  return (!filter.from || *filter.from <= at) && (!filter.to || at <= *filter.to);
}

}  // namespace

bool SilverRequest::keeps(const std::vector<Value>& row) const {
  return std::all_of(filters.begin(), filters.end(),
                     [&](const ColumnFilter& filter) { return matches(filter, row[filter.column]); });
}

const std::vector<std::string>* SilverRequest::values_of(size_t column) const {
  for (const ColumnFilter& filter : filters) {
    if (filter.column == column && !filter.any_of.empty()) return &filter.any_of;
  }
  return nullptr;
}

Answer<SilverRequest> parse_silver_request(const TableShape& shape, const Parameters& parameters) {
  SilverRequest request;
  std::vector<std::string> names;
  for (const TableFilter& filter : shape.filters) names.push_back(filter.column);
  names.insert(names.end(), {"limit", "cursor"});
  if (auto failure = check_names(parameters, names, shape.name)) return *failure;
  request.hash = hash_query(shape.name, parameters);
  auto limit = parse_limit(parameters);
  if (auto* failure = std::get_if<Failure>(&limit)) return *failure;
  request.limit = std::get<uint32_t>(limit);
  for (const TableFilter& known : shape.filters) {
    const std::string* text = find_parameter(parameters, known.column);
    if (text == nullptr) continue;
    if (auto failure = add_filter(shape, known, *text, request)) return *failure;
  }
  if (const std::string* cursor = find_parameter(parameters, "cursor")) {
    auto after = decode_cursor(*cursor, request.hash);
    if (auto* failure = std::get_if<Failure>(&after)) return *failure;
    request.after = std::get<std::string>(after);
  }
  return request;
}

}  // namespace lode::query
