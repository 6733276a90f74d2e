#include "query/gold_request.h"

#include <algorithm>

#include "query/filters.h"
#include "query/gold_value.h"
#include "query/page.h"

namespace lode::query {
namespace {

using gold::Column;
using gold::KeyFilter;

using Names = std::vector<std::string>;

Names key_names(const gold::View& view) {
  Names names;
  for (Column key : view.keys) names.emplace_back(to_string(key));
  return names;
}

std::optional<uint32_t> position_of(const Names& names, std::string_view name) {
  auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<uint32_t>(found - names.begin());
}

Form form_of(Column column) {
  switch (column) {
    case Column::day:
      return Form::day;
    case Column::country:
      return Form::country;
    case Column::currency:
      return Form::currency;
    case Column::kind:
      return Form::kind;
    default:
      return Form::text;
  }
}

KeyFilter words_of(Column column, const Filter& values) {
  KeyFilter filter;
  filter.range = values.any_of.empty();
  for (const std::string& value : values.any_of) filter.any_of.push_back(parse_key(column, value).value());
  if (values.from) filter.from = parse_key(column, *values.from).value();
  if (values.to) filter.to = parse_key(column, *values.to).value();
  return filter;
}

void sort_words(std::vector<uint32_t>& words) {
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
}

std::optional<Failure> parse_filters(const Parameters& parameters, GoldRequest& request) {
  for (uint32_t i = 0; i < request.view.keys.size(); ++i) {
    Column column = request.view.keys[i];
    const std::string* text = find_parameter(parameters, to_string(column));
    if (text == nullptr) continue;
    auto parsed = parse_filter(form_of(column), to_string(column), *text);
    if (auto* failure = std::get_if<Failure>(&parsed)) return std::move(*failure);
    Filter& values = std::get<Filter>(parsed);
    if (auto domain = domain_of(column)) {
      request.texts.push_back({i, *domain, std::move(values.any_of)});
      continue;
    }
    KeyFilter filter = words_of(column, values);
    filter.position = i;
    sort_words(filter.any_of);
    if (column == Column::currency && filter.any_of.size() == 1) request.currency = filter.any_of[0];
    request.words.push_back(std::move(filter));
  }
  return std::nullopt;
}

std::optional<Failure> parse_groups(const Parameters& parameters, GoldRequest& request) {
  Names names = key_names(request.view);
  const std::string* text = find_parameter(parameters, "group_by");
  if (text == nullptr) {
    for (uint32_t i = 0; i < names.size(); ++i) request.groups.push_back(i);
    return std::nullopt;
  }
  if (text->empty()) return std::nullopt;  // one row of everything
  for (const std::string& name : split_list(*text)) {
    auto position = position_of(names, name);
    if (!position) {
      return invalid_parameter("group_by", "`" + request.view.name + "` has no key `" + name.substr(0, 64) +
                                               "`; did you mean `" + nearest(name, names) + "`?");
    }
    request.groups.push_back(*position);
  }
  sort_words(request.groups);
  return std::nullopt;
}

std::optional<Failure> parse_order(const Parameters& parameters, GoldRequest& request) {
  const std::string* text = find_parameter(parameters, "order_by");
  if (text == nullptr) return std::nullopt;
  GoldRequest::Order order;
  std::string_view name = *text;
  order.descending = !name.empty() && name[0] == '-';
  if (order.descending) name.remove_prefix(1);
  Names known;
  for (uint32_t i = 0; i < request.groups.size(); ++i) {
    known.emplace_back(to_string(request.view.keys[request.groups[i]]));
    if (known.back() == name) order.number = i;
  }
  for (uint32_t i = 0; i < request.view.measures.size(); ++i) {
    if (request.view.measures[i].hidden) continue;
    known.push_back(request.view.measures[i].name);
    if (known.back() != name) continue;
    order.measure = true;
    order.number = i;
  }
  if (!position_of(known, name)) {
    return invalid_parameter("order_by", "no column `" + std::string(name.substr(0, 64)) +
                                             "` in the answer; did you mean `" + nearest(name, known) + "`?");
  }
  request.order = order;
  return std::nullopt;
}

std::optional<Failure> parse_cursor(const Parameters& parameters, uint64_t rules_hash, GoldRequest& request) {
  const std::string of =
      request.view.name + ' ' + std::to_string(request.view.version) + ' ' + std::to_string(rules_hash);
  request.hash = hash_query(of, parameters);
  const std::string* text = find_parameter(parameters, "cursor");
  if (text == nullptr) return std::nullopt;
  if (request.order)
    return invalid_parameter("cursor", "an answer with `order_by` is one page and has no cursor");
  auto decoded = decode_cursor(*text, request.hash);
  if (auto* failure = std::get_if<Failure>(&decoded)) return std::move(*failure);
  const std::string& bytes = std::get<std::string>(decoded);
  gold::Key after{};
  if (bytes.size() != after.size() * 4) return invalid_parameter("cursor", "the cursor is malformed");
  for (size_t i = 0; i < bytes.size(); ++i) after[i / 4] = after[i / 4] << 8 | static_cast<uint8_t>(bytes[i]);
  request.after = after;
  return std::nullopt;
}

}  // namespace

gold::KeyFilters GoldRequest::filters(const store::Dictionary& dictionary) const {
  gold::KeyFilters filters(static_cast<uint32_t>(view.keys.size()));
  for (const KeyFilter& filter : words) filters.add(filter);
  for (const TextFilter& filter : texts) {
    KeyFilter found;
    found.position = filter.position;
    for (const std::string& text : filter.any_of) {
      if (auto number = dictionary.find(filter.domain, text)) found.any_of.push_back(*number);
    }
    sort_words(found.any_of);
    filters.add(std::move(found));
  }
  return filters;
}

bool GoldRequest::mixes_currencies() const {
  bool rolled_up = false;
  for (uint32_t i = 0; i < view.keys.size(); ++i) {
    if (view.keys[i] == Column::currency)
      rolled_up = std::find(groups.begin(), groups.end(), i) == groups.end();
  }
  return rolled_up && !currency &&
         std::any_of(view.measures.begin(), view.measures.end(),
                     [](const gold::Measure& measure) { return measure.money; });
}

Answer<GoldRequest> parse_gold_request(const gold::View& view, const Parameters& parameters,
                                       uint64_t rules_hash) {
  GoldRequest request(view);
  Names known = key_names(view);
  known.insert(known.end(), {"group_by", "order_by", "limit", "cursor"});
  if (auto failure = check_names(parameters, known, view.name)) return *failure;
  auto limit = parse_limit(parameters);
  if (auto* failure = std::get_if<Failure>(&limit)) return *failure;
  request.limit = std::get<uint32_t>(limit);
  if (auto failure = parse_filters(parameters, request)) return *failure;
  if (auto failure = parse_groups(parameters, request)) return *failure;
  if (auto failure = parse_order(parameters, request)) return *failure;
  if (auto failure = parse_cursor(parameters, rules_hash, request)) return *failure;
  return request;
}

std::string encode_gold_cursor(const GoldRequest& request, const gold::Key& last) {
  std::string bytes;
  for (uint32_t word : last) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(word >> shift));
  }
  return encode_cursor(request.hash, bytes);
}

}  // namespace lode::query
