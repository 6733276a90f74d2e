#include "query/silver_request.h"

#include <xxhash.h>

#include <algorithm>
#include <charconv>

#include "event/event.h"
#include "query/page.h"
#include "silver/rule.h"

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

std::vector<std::string> words_of(Form form) {
  std::vector<std::string> words;
  switch (form) {
    case Form::status:
      return {"open", "cancelled"};
    case Form::kind:
      return {"sale", "return", "free", "adjustment", "fee"};
    case Form::rule:
      for (silver::Rule rule : silver::kRules) words.emplace_back(to_string(rule));
      break;
    case Form::event_type:
      for (auto type : {event::EventType::purchase, event::EventType::refund, event::EventType::cancellation,
                        event::EventType::customer, event::EventType::product}) {
        words.emplace_back(to_string(type));
      }
      break;
    default:
      break;
  }
  return words;
}

bool is_code(const std::string& text, size_t letters) {
  return text.size() == letters &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Nothing: it is a value of the form. Else what is.
std::optional<std::string> misses(Form form, const std::string& value) {
  uint64_t number;
  switch (form) {
    case Form::text:
    case Form::time:
      return std::nullopt;
    case Form::offset: {
      auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
      bool shown = error == std::errc() && std::to_string(number) == value;
      return shown ? std::nullopt : std::optional("offsets such as 17,21");
    }
    case Form::country:
      return is_code(value, 2) ? std::nullopt : std::optional("codes of two letters such as GB,FR");
    case Form::currency:
      return is_code(value, 3) ? std::nullopt : std::optional("codes of three letters such as GBP,EUR");
    default:
      break;
  }
  std::vector<std::string> words = words_of(form);
  if (std::find(words.begin(), words.end(), value) != words.end()) return std::nullopt;
  std::string list = "these";
  for (const std::string& word : words) list += (list == "these" ? ": " : ", ") + word;
  return list + "; did you mean '" + nearest(value.substr(0, 64), words) + "'?";
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  size_t from = 0;
  for (size_t comma; (comma = text.find(',', from)) != std::string::npos; from = comma + 1) {
    parts.push_back(text.substr(from, comma - from));
  }
  parts.push_back(text.substr(from));
  return parts;
}

std::optional<Failure> add_filter(const TableShape& shape, const std::string& name, const std::string& value,
                                  SilverRequest& request) {
  auto known = std::find_if(shape.filters.begin(), shape.filters.end(),
                            [&](const TableFilter& filter) { return filter.column == name; });
  if (known == shape.filters.end()) {
    std::vector<std::string> names;
    for (const TableFilter& filter : shape.filters) names.push_back(filter.column);
    names.insert(names.end(), {"limit", "cursor"});
    Failure failure = invalid_parameter(name, "There is no parameter '" + name.substr(0, 64) +
                                                  "' here; did you mean '" + nearest(name, names) + "'?");
    failure.problem.code = "unknown_parameter";
    return failure;
  }
  ColumnFilter& filter = request.filters.emplace_back();
  filter.column = column_of(shape, name);
  if (known->form == Form::time) return parse_range(name, value, filter);
  filter.any_of = split(value);
  for (const std::string& part : filter.any_of) {
    if (auto wanted = misses(known->form, part)) {
      return invalid_parameter(name, "`" + name + "` takes " + *wanted);
    }
  }
  // A text may hold a comma itself.
  if (known->form == Form::text && filter.any_of.size() > 1) filter.any_of.push_back(value);
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
