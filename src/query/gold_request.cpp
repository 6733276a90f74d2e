#include "query/gold_request.h"

#include <xxhash.h>

#include <algorithm>
#include <mutex>
#include <shared_mutex>

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

std::optional<Failure> check_names(const gold::View& view, const Parameters& parameters) {
  Names known = key_names(view);
  known.insert(known.end(), {"group_by", "order_by", "limit", "cursor"});
  for (auto it = parameters.begin(); it != parameters.end(); ++it) {
    const std::string& name = it->first;
    if (!position_of(known, name)) {
      Failure failure = invalid_parameter(
          name, "`" + view.name + "` has no such parameter; did you mean `" + nearest(name, known) + "`?");
      failure.problem.code = "unknown_parameter";
      return failure;
    }
    auto same = [&](const auto& other) { return other.first == name; };
    if (std::any_of(parameters.begin(), it, same)) {
      return invalid_parameter(name, "`" + name + "` is there twice; give several values as a,b");
    }
  }
  return std::nullopt;
}

// Texts: those that the dictionary does not know are in no row.
Answer<KeyFilter> parse_texts(const GoldSource& source, store::Domain domain, std::string_view name,
                              const std::string& text) {
  KeyFilter filter;
  std::shared_lock lock(source.state.mutex());
  // An id may itself hold a comma or dots.
  if (auto whole = source.dictionary.find(domain, text)) {
    filter.any_of = {*whole};
    return filter;
  }
  Filter values = parse_filter(text);
  if (values.any_of.empty())
    return invalid_parameter(name, "`" + std::string(name) + "` takes values (a,b), no range");
  for (const std::string& value : values.any_of) {
    if (auto number = source.dictionary.find(domain, value)) filter.any_of.push_back(*number);
  }
  return filter;
}

Answer<KeyFilter> parse_words(Column column, std::string_view name, const std::string& text) {
  KeyFilter filter;
  Filter values = parse_filter(text);
  std::string form = column == Column::day        ? "days such as 2011-01-31 or 2011-01-01..2011-01-31"
                     : column == Column::country  ? "codes of two letters such as GB,FR"
                     : column == Column::currency ? "codes of three letters such as GBP,EUR"
                                                  : "sale, return, free, adjustment or fee";
  const Failure malformed = invalid_parameter(name, "`" + std::string(name) + "` takes " + form);
  filter.range = values.any_of.empty();
  if (filter.range && column != Column::day) return malformed;
  for (const std::string& value : values.any_of) {
    auto word = parse_key(column, value);
    if (!word) return malformed;
    filter.any_of.push_back(*word);
  }
  for (auto [end, word] : {std::pair(&values.from, &filter.from), std::pair(&values.to, &filter.to)}) {
    if (!*end) continue;
    auto parsed = parse_key(column, **end);
    if (!parsed) return malformed;
    *word = *parsed;
  }
  return filter;
}

std::optional<Failure> parse_filters(const GoldSource& source, const Parameters& parameters,
                                     GoldRequest& request) {
  for (uint32_t i = 0; i < request.view.keys.size(); ++i) {
    Column column = request.view.keys[i];
    const std::string* text = find_parameter(parameters, to_string(column));
    if (text == nullptr) continue;
    auto domain = domain_of(column);
    auto parsed = domain ? parse_texts(source, *domain, to_string(column), *text)
                         : parse_words(column, to_string(column), *text);
    if (auto* failure = std::get_if<Failure>(&parsed)) return std::move(*failure);
    KeyFilter& filter = std::get<KeyFilter>(parsed);
    filter.position = i;
    std::sort(filter.any_of.begin(), filter.any_of.end());
    filter.any_of.erase(std::unique(filter.any_of.begin(), filter.any_of.end()), filter.any_of.end());
    if (column == Column::currency && filter.any_of.size() == 1) request.currency = filter.any_of[0];
    request.filters.add(std::move(filter));
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
  Filter list = parse_filter(*text);
  for (const std::string& name : list.any_of) {
    auto position = position_of(names, name);
    if (!position) {
      return invalid_parameter("group_by", "`" + request.view.name + "` has no key `" + name.substr(0, 64) +
                                               "`; did you mean `" + nearest(name, names) + "`?");
    }
    request.groups.push_back(*position);
  }
  if (list.any_of.empty()) return invalid_parameter("group_by", "`group_by` takes keys: a,b");
  std::sort(request.groups.begin(), request.groups.end());
  request.groups.erase(std::unique(request.groups.begin(), request.groups.end()), request.groups.end());
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

uint64_t hash_of(const gold::View& view, const Parameters& parameters) {
  Parameters sorted;
  for (const auto& parameter : parameters) {
    if (parameter.first != "limit" && parameter.first != "cursor") sorted.push_back(parameter);
  }
  std::sort(sorted.begin(), sorted.end());
  std::string bytes = view.name + '\0' + std::to_string(view.version);
  for (const auto& [name, value] : sorted) bytes += '\0' + name + '\0' + value;
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::optional<Failure> parse_cursor(const Parameters& parameters, GoldRequest& request) {
  request.hash = hash_of(request.view, parameters);
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

Answer<GoldRequest> parse_gold_request(const GoldSource& source, const gold::View& view,
                                       const Parameters& parameters) {
  GoldRequest request(view);
  if (auto failure = check_names(view, parameters)) return *failure;
  auto limit = parse_limit(parameters);
  if (auto* failure = std::get_if<Failure>(&limit)) return *failure;
  request.limit = std::get<uint32_t>(limit);
  if (auto failure = parse_filters(source, parameters, request)) return *failure;
  if (auto failure = parse_groups(parameters, request)) return *failure;
  if (auto failure = parse_order(parameters, request)) return *failure;
  if (auto failure = parse_cursor(parameters, request)) return *failure;
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
