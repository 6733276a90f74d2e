#include <algorithm>
#include <mutex>
#include <shared_mutex>

#include "event/event.h"
#include "event/json.h"
#include "query/filters.h"
#include "query/page.h"
#include "query/quarantine_advice.h"
#include "query/quarantine_query.h"
#include "query/record_lookup.h"
#include "query/silver_rows.h"

namespace lode::query {

namespace {

constexpr size_t kMaxHistory = 1000;

struct Retry {
  uint64_t offset;
  silver::RetryOutcome outcome;
};

// What is known of the record at one moment.
struct Known {
  Position position;
  std::optional<silver::QuarantineRow> row;
  std::vector<Value> shown;  // as quarantine_shape()
  std::vector<Retry> retries;
};

Known read_known(const SilverSource& source, uint64_t offset) {
  std::shared_lock lock(source.state.mutex());
  Known known{source.position(), source.tables.get_quarantined(offset), {}, {}};
  if (known.row) known.shown = quarantine_row(offset, *known.row, source.tables);
  source.tables.scan_retries(offset,
                             [&](uint64_t retried, uint64_t retry, const silver::RetryOutcome& outcome) {
                               if (retried == offset) known.retries.push_back({retry, outcome});
                               return retried == offset && known.retries.size() < kMaxHistory;
                             });
  // Of a state that an earlier program made, only what the row itself says.
  if (known.row && known.retries.size() < known.row->retries.size()) {
    for (uint64_t retry : known.row->retries) {
      const bool there = std::any_of(known.retries.begin(), known.retries.end(),
                                     [&](const Retry& one) { return one.offset == retry; });
      if (!there) known.retries.push_back({retry, {.too_late = false, .rule = known.row->retry_rule}});
    }
    std::sort(known.retries.begin(), known.retries.end(),
              [](const Retry& a, const Retry& b) { return a.offset < b.offset; });
  }
  return known;
}

bool is_closed(const Known& known) {
  return std::any_of(known.retries.begin(), known.retries.end(),
                     [](const Retry& retry) { return !retry.outcome.rule && !retry.outcome.too_late; });
}

// What was sent, decoded; no events: it is not in the log, or is damaged.
event::EventBatch decode(const std::vector<Value>& record) {
  event::EventBatch batch;
  const bool cloud = text_of(record[2]) == "cloudevents";
  event::JsonDecoder(event::Limits::unlimited())
      .decode_one(text_of(record[3]), {}, 0, batch, cloud ? event::Format::cloudevents : event::Format::json);
  return batch;
}

Value text_or_null(std::string_view text) { return text.empty() ? Value{} : Value{std::string(text)}; }

Part history_of(const std::vector<Retry>& retries, RecordLookup& records) {
  Part part{"history", {"offset", "received_at", "source", "outcome", "rule", "event"}, {}};
  for (const Retry& retry : retries) {
    std::vector<Value> row(6);
    row[0] = static_cast<int64_t>(retry.offset);
    if (auto record = records.find(retry.offset, false)) {
      row[1] = (*record)[1];
      const event::EventBatch batch = decode(*record);
      if (!batch.events.empty()) row[2] = std::string(batch.events[0].source);
      row[5] = (*record)[3];
    }
    row[3] = std::string(retry.outcome.rule ? "quarantined" : retry.outcome.too_late ? "too_late" : "closed");
    if (retry.outcome.rule) row[4] = std::string(to_string(*retry.outcome.rule));
    part.rows.push_back(std::move(row));
  }
  return part;
}

}  // namespace

Answer<Result> query_quarantined_record(const SilverSource& source, const LogSource& log, uint64_t offset,
                                        const Parameters& parameters) {
  if (auto failure = check_names(parameters, {"include"}, "quarantine")) return *failure;
  const std::string* include = find_parameter(parameters, "include");
  if (include != nullptr && *include != "contact")
    return invalid_parameter("include", "Give include=contact, or leave it out.");
  Known known = read_known(source, offset);
  if (!known.row && known.retries.empty())
    return Failure{
        404,
        {"not_quarantined", "/offset", "This record is not in quarantine, and no retry of it was made."}};
  RecordLookup records(log);
  const auto record = records.find(offset, include != nullptr);
  const event::EventBatch batch = record ? decode(*record) : event::EventBatch{};
  const event::Event* event = batch.events.empty() ? nullptr : &batch.events[0];

  Result result;
  result.position = known.position;
  result.last_change = known.position.last_change();
  result.view = "quarantine";
  result.view_version = kTableVersion;
  result.columns = {"offset", "status", "rule", "pointer", "meaning", "to_do"};
  const auto& shape = quarantine_shape().columns;
  result.columns.insert(result.columns.end(), shape.begin() + 2, shape.end());
  result.columns.insert(result.columns.end(), {"received_at", "event"});
  std::vector<Value>& row = result.rows.emplace_back();
  row.emplace_back(static_cast<int64_t>(offset));
  row.emplace_back(std::string(known.row ? "quarantined" : is_closed(known) ? "closed" : "applied"));
  if (known.row) {
    const Advice advice = advice_on(known.row->rule);
    row.push_back(known.shown[1]);
    row.emplace_back(event != nullptr ? Value{refused_member(known.row->rule, batch.lines_of(*event))}
                                      : Value{});
    row.push_back(text_or_null(advice.meaning));
    row.push_back(text_or_null(advice.to_do));
    row.insert(row.end(), known.shown.begin() + 2, known.shown.end());
  } else {
    row.resize(6 + shape.size() - 2);
    if (event != nullptr) {
      row[6] = std::string(to_string(event->type));
      row[7] = std::string(event->source);
      row[8] = std::string(event->event_id);
      row[9] = text_or_null(event->order_id);
      row[10] = event::format_rfc3339(event->occurred_at);
    }
  }
  row.push_back(record ? (*record)[1] : Value{});
  row.push_back(record ? (*record)[3] : Value{});
  if (include != nullptr) {
    result.columns.emplace_back("contact");
    row.push_back(record ? (*record)[5] : Value{});
  }
  if (!record)
    result.members.emplace_back("note",
                                "what was sent is not in the log any more: retry it with a corrected copy");
  result.parts.push_back(history_of(known.retries, records));
  return result;
}

}  // namespace lode::query
