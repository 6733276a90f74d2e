#include "query/explain_request.h"

#include <algorithm>

#include "query/filters.h"
#include "query/page.h"
#include "store/keyed_table.h"

namespace lode::query {
namespace {

using gold::Measure;

bool adds_up(Measure::Type type) { return type <= Measure::Type::difference; }

std::optional<uint32_t> number_of(const gold::View& view, std::string_view name) {
  for (uint32_t i = 0; i < view.measures.size(); ++i) {
    if (view.measures[i].name == name) return i;
  }
  return std::nullopt;
}

// Keys of which the filters leave one value.
std::vector<uint32_t> keys_of_one_value(const GoldRequest& request) {
  std::vector<uint32_t> keys;
  for (const gold::KeyFilter& filter : request.words) {
    if (filter.range ? filter.from == filter.to : filter.any_of.size() == 1) keys.push_back(filter.position);
  }
  for (const GoldRequest::TextFilter& filter : request.texts) {
    if (filter.any_of.size() == 1) keys.push_back(filter.position);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::optional<Failure> parse_measure(const Parameters& parameters, ExplainRequest& request) {
  const gold::View& view = request.gold.view;
  const std::string* name = find_parameter(parameters, "measure");
  if (name == nullptr) {
    for (uint32_t i = 0; i < view.measures.size(); ++i) {
      if (adds_up(view.measures[i].type)) request.shown.push_back(i);
    }
    return std::nullopt;
  }
  request.measure = number_of(view, *name);
  if (!request.measure) {
    std::vector<std::string> known;
    for (const Measure& measure : view.measures) known.push_back(measure.name);
    return invalid_parameter("measure", "`" + view.name + "` has no measure `" + name->substr(0, 64) +
                                            "`; did you mean `" + nearest(name->substr(0, 64), known) + "`?");
  }
  const Measure& measure = view.measures[*request.measure];
  if (adds_up(measure.type)) {
    request.shown.push_back(*request.measure);
  } else {
    for (const std::string& of : measure.of) request.shown.push_back(number_of(view, of).value());
  }
  return std::nullopt;
}

std::optional<Failure> parse_cursor(const Parameters& parameters, ExplainRequest& request) {
  const std::string* text = find_parameter(parameters, "cursor");
  if (text == nullptr) return std::nullopt;
  auto decoded = decode_cursor(*text, request.hash);
  if (auto* failure = std::get_if<Failure>(&decoded)) return std::move(*failure);
  std::string_view bytes = std::get<std::string>(decoded);
  if (bytes.size() != 20) return invalid_parameter("cursor", "the cursor is malformed");
  request.after = {store::number_of(bytes.substr(0, 8)), store::number_of(bytes.substr(8, 8)),
                   static_cast<uint32_t>(store::number_of(bytes.substr(16)))};
  return std::nullopt;
}

}  // namespace

Answer<ExplainRequest> parse_explain_request(const gold::View& view, const Parameters& parameters,
                                             uint64_t rules_hash) {
  std::vector<std::string> known;
  for (gold::Column key : view.keys) known.emplace_back(to_string(key));
  known.insert(known.end(), {"measure", "without_effect", "limit", "cursor"});
  if (auto failure = check_names(parameters, known, view.name)) return *failure;
  Parameters cell = parameters;
  std::erase_if(cell, [](const auto& parameter) {
    return parameter.first == "measure" || parameter.first == "without_effect" || parameter.first == "cursor";
  });
  auto parsed = parse_gold_request(view, cell, rules_hash);
  if (auto* failure = std::get_if<Failure>(&parsed)) return *failure;
  ExplainRequest request(std::get<GoldRequest>(std::move(parsed)));
  request.gold.groups = keys_of_one_value(request.gold);
  if (auto failure = parse_measure(parameters, request)) return *failure;
  if (const std::string* text = find_parameter(parameters, "without_effect")) {
    if (*text != "true" && *text != "false")
      return invalid_parameter("without_effect", "Give without_effect=true: also what contributes nothing.");
    request.without_effect = *text == "true";
  }
  request.hash = hash_query(
      "explain " + view.name + ' ' + std::to_string(view.version) + ' ' + std::to_string(rules_hash),
      parameters);
  if (auto failure = parse_cursor(parameters, request)) return *failure;
  return request;
}

std::string encode_explain_cursor(const ExplainRequest& request, const ExplainRequest::After& last) {
  return encode_cursor(request.hash,
                       store::key_of(last.offset) + store::key_of(last.row) + store::key_of(last.item));
}

}  // namespace lode::query
