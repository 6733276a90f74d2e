#include "query/silver_request.h"

#include <xxhash.h>

#include <algorithm>

#include "query/page.h"

namespace lode::query {

namespace {

constexpr int64_t kDayMicros = 86'400'000'000;

// A day stands for all of it, in UTC.
bool parse_bound(const std::string& text, bool upper, event::Micros& out) {
  if (event::parse_rfc3339(text, out)) return true;
  event::Day day;
  if (!event::parse_day(text, day)) return false;
  out.value = day.value * kDayMicros + (upper ? kDayMicros - 1 : 0);
  return true;
}

std::optional<Failure> parse_range(std::string_view name, std::string_view text, ColumnFilter& out) {
  Filter filter = parse_filter(text);
  if (filter.any_of.size() == 1) filter.from = filter.to = filter.any_of[0];
  bool good = filter.any_of.size() <= 1;
  event::Micros bound;
  for (bool upper : {false, true}) {
    const auto& end = upper ? filter.to : filter.from;
    if (!end) continue;
    good = good && parse_bound(*end, upper, bound);
    (upper ? out.to : out.from) = bound;
  }
  if (good) return std::nullopt;
  return invalid_parameter(name,
                           "Give a day or a time, or two with '..' between them: 2011-01-01..2011-01-31.");
}

uint64_t hash_of(const TableShape& shape, const Parameters& parameters) {
  uint64_t hash = XXH3_64bits(shape.name.data(), shape.name.size());
  for (const auto& [name, value] : parameters) {
    if (name == "limit" || name == "cursor") continue;
    for (const std::string& text : {name, value}) hash = XXH3_64bits_withSeed(text.data(), text.size(), hash);
  }
  return hash;
}

size_t column_of(const TableShape& shape, const std::string& name) {
  return static_cast<size_t>(std::find(shape.columns.begin(), shape.columns.end(), name) -
                             shape.columns.begin());
}

std::optional<Failure> add_filter(const TableShape& shape, const std::string& name, const std::string& value,
                                  SilverRequest& request) {
  if (std::find(shape.filters.begin(), shape.filters.end(), name) == shape.filters.end()) {
    std::vector<std::string> known = shape.filters;
    known.insert(known.end(), {"limit", "cursor"});
    Failure failure = invalid_parameter(name, "There is no parameter '" + name.substr(0, 64) +
                                                  "' here; did you mean '" + nearest(name, known) + "'?");
    failure.problem.code = "unknown_parameter";
    return failure;
  }
  ColumnFilter& filter = request.filters.emplace_back();
  filter.column = column_of(shape, name);
  if (name == "occurred_at") return parse_range(name, value, filter);
  filter.any_of = {value};  // an id may hold a comma
  for (size_t from = 0, comma; (comma = value.find(',', from)) != std::string::npos; from = comma + 1) {
    filter.any_of.push_back(value.substr(from, comma - from));
    if (value.find(',', comma + 1) == std::string::npos) filter.any_of.push_back(value.substr(comma + 1));
  }
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
  request.hash = hash_of(shape, parameters);
  auto limit = parse_limit(parameters);
  if (auto* failure = std::get_if<Failure>(&limit)) return *failure;
  request.limit = std::get<uint32_t>(limit);
  for (const auto& [name, value] : parameters) {
    if (name == "limit" || name == "cursor") continue;
    if (auto failure = add_filter(shape, name, value, request)) return *failure;
  }
  if (const std::string* cursor = find_parameter(parameters, "cursor")) {
    auto after = decode_cursor(*cursor, request.hash);
    if (auto* failure = std::get_if<Failure>(&after)) return *failure;
    request.after = std::get<std::string>(after);
  }
  return request;
}

}  // namespace lode::query
