#include "query/quarantine_filter.h"

#include <mutex>
#include <shared_mutex>

#include "query/page.h"
#include "query/record_lookup.h"
#include "query/silver_rows.h"

namespace lode::query {

namespace {

// Takes a parameter out of the others. Nothing: it is not there.
Answer<std::optional<std::string>> take(Parameters& parameters, std::string_view name) {
  std::optional<std::string> taken;
  for (auto at = parameters.begin(); at != parameters.end();) {
    if (at->first != name) {
      ++at;
      continue;
    }
    if (taken)
      return invalid_parameter(name, "`" + std::string(name) + "` is there twice; give several as a,b");
    taken = std::move(at->second);
    at = parameters.erase(at);
  }
  return taken;
}

std::optional<Failure> parse_included(const std::string& text, QuarantineRequest& request) {
  for (const std::string& word : split_list(text)) {
    if (word != "event" && word != "contact")
      return invalid_parameter("include", "Give include=event, include=contact or both: event,contact.");
    (word == "event" ? request.event : request.contact) = true;
  }
  return std::nullopt;
}

// The first offset whose record came in at `time` or later. Times of batches ascend, but for those of nodes
// whose clocks differ.
uint64_t first_received(const LogSource& log, event::Micros time) {
  RecordLookup records(log);
  uint64_t from = 0, to = 0;
  {
    std::shared_lock lock(log.state.mutex());
    to = static_cast<uint64_t>(log.position().as_of_offset + 1);
  }
  while (from < to) {
    const uint64_t middle = from + (to - from) / 2;
    const auto received = records.received_at(middle);
    if (received && *received >= time) {
      to = middle;
    } else {
      from = middle + 1;
    }
  }
  return from;
}

std::optional<Failure> parse_received(const LogSource& log, const std::string& text, SilverRequest& rows) {
  static const TableShape kShape{"quarantine", {"received_at"}, {{"received_at", Form::time}}};
  auto parsed = parse_silver_request(kShape, {{"received_at", text}});
  if (auto* failure = std::get_if<Failure>(&parsed)) return *failure;
  const ColumnFilter& range = std::get<SilverRequest>(parsed).filters.at(0);
  if (range.from) rows.offsets_from = first_received(log, *range.from);
  if (range.to) rows.offsets_to = first_received(log, {range.to->value + 1});
  return std::nullopt;
}

}  // namespace

Answer<QuarantineRequest> parse_quarantine_request(const LogSource& log, const Parameters& parameters) {
  QuarantineRequest request;
  Parameters filters = parameters;
  auto included = take(filters, "include");
  if (auto* failure = std::get_if<Failure>(&included)) return *failure;
  auto received = take(filters, "received_at");
  if (auto* failure = std::get_if<Failure>(&received)) return *failure;
  if (const auto& text = std::get<0>(included)) {
    if (auto failure = parse_included(*text, request)) return *failure;
  }
  // A cursor belongs to all of it.
  if (std::get<0>(received))
    std::erase_if(filters, [](const auto& parameter) { return parameter.first == "cursor"; });
  auto parsed = parse_silver_request(quarantine_shape(), filters);
  if (auto* failure = std::get_if<Failure>(&parsed)) return *failure;
  request.rows = std::get<SilverRequest>(std::move(parsed));
  if (const auto& text = std::get<0>(received)) {
    request.rows.hash ^= hash_query("received " + *text, {});
    if (const std::string* cursor = find_parameter(parameters, "cursor")) {
      auto after = decode_cursor(*cursor, request.rows.hash);
      if (auto* failure = std::get_if<Failure>(&after)) return *failure;
      request.rows.after = std::get<std::string>(after);
    }
    if (auto failure = parse_received(log, *text, request.rows)) return *failure;
  }
  return request;
}

}  // namespace lode::query
