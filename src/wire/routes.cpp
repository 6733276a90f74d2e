#include "query/silver_rows.h"
#include "wire/admin_routes.h"
#include "wire/cluster_routes.h"
#include "wire/events_route.h"
#include "wire/read_parameters.h"
#include "wire/read_routes.h"
#include "wire/reload_route.h"
#include "wire/retry_route.h"
#include "wire/route.h"
#include "wire/status_routes.h"
#include "wire/truncate_route.h"
#include "wire/view_routes.h"

namespace lode::wire {
namespace {

using In = Parameter::In;
using Parameters = std::vector<Parameter>;

constexpr std::string_view kText = R"({"type":"string"})";
constexpr std::string_view kWhole = R"({"type":"integer","minimum":0})";
constexpr std::string_view kLimit = R"({"type":"integer","minimum":1,"maximum":10000,"default":1000})";
constexpr std::string_view kFilters = R"({"type":"object","additionalProperties":{"type":"string"}})";

const std::vector<std::string_view>& kRowTypes = row_types();
const std::vector<std::string_view> kStreamTypes = {"application/json", "application/x-ndjson", "text/csv",
                                                    "text/event-stream"};
const std::vector<std::string_view> kEventTypes = {"application/json", "application/x-ndjson", "text/csv",
                                                   "application/cloudevents+json",
                                                   "application/cloudevents-batch+json"};
const std::vector<std::string_view> kProblem = {"application/problem+json"};

Parameters pages(Parameters own) {
  own.push_back({In::query, "limit", kLimit, "Rows of one page."});
  own.push_back({In::query, "cursor", kText, "next_cursor of the page before."});
  return reading(std::move(own));
}

// The columns that are filtered by differ from one view or table to the other.
Parameters paging(Parameters own) {
  own.push_back({.name = "filter",
                 .schema = kFilters,
                 .description = "name=value, name=a,b or name=from..to for each column to filter by.",
                 .columns = true});
  return pages(std::move(own));
}

Parameters paging(const query::TableShape& shape, Parameters own = {}) {
  for (const query::TableFilter& filter : shape.filters)
    own.push_back(
        {In::query, filter.column, kText, "Only rows with this value, or one of several with commas."});
  return pages(std::move(own));
}

std::vector<Answer> gold_answers() {
  auto answers = read_answers("Rows", kStreamTypes);
  answers.push_back(
      {422,
       "mixed_currencies: money of several currencies is not added up; too_many_rows: a stream of "
       "more rows than can be followed.",
       "Problem", kProblem});
  return answers;
}

std::vector<Answer> explain_answers() {
  auto answers = read_answers("Explanation", kRowTypes);
  answers.push_back(
      {409, "moved_on: an order was revised twice since the first page: begin again.", "Problem", kProblem});
  answers.push_back(
      {422, "mixed_currencies: money of several currencies is not added up.", "Problem", kProblem});
  return answers;
}

std::vector<Answer> log_answers(const std::vector<std::string_view>& types) {
  auto answers = read_answers("Rows", types);
  answers.push_back({410, "truncated: the log begins later.", "Problem", kProblem});
  return answers;
}

std::vector<Answer> write_answers() {
  return {{200, "All accepted or duplicate.", "WriteResult", {"application/json"}},
          {207,
           "Mixed: results names the items that were not plainly accepted.",
           "WriteResult",
           {"application/json"}},
          {422, "All rejected.", "WriteResult", {"application/json"}},
          {307, "not_leader: with Lode-Forward: no, at a node that does not lead; Location is at the leader.",
           "Problem", kProblem},
          {400, "The body can't be split into items.", "Problem", kProblem},
          {413, "Too large, or too many events.", "Problem", kProblem},
          {415, "Not one of the content types or encodings.", "Problem", kProblem},
          {429, "queue_full: nothing was taken; see Retry-After.", "Problem", kProblem},
          {503, "not_ready, stopping, no_leader or busy: nothing was taken; outcome_unknown: send it again.",
           "Problem", kProblem},
          {507, "disk_full: nothing was taken; see Retry-After.", "Problem", kProblem}};
}

std::vector<Answer> retry_answers() {
  auto answers = write_answers();
  answers.push_back({404, "There is no such record.", "Problem", kProblem});
  answers.push_back(
      {409,
       "not_quarantined: it is not in quarantine (any more); being_retried: by another request; "
       "other_event: the corrected event has another source or event_id.",
       "Problem", kProblem});
  answers.push_back({410, "truncated: the record is not in the log any more.", "Problem", kProblem});
  return answers;
}

std::vector<Answer> plain_answers(std::string_view description, std::string_view type,
                                  std::string_view schema = "") {
  return {{200, description, schema, {type}}};
}

Parameter content_encoding() {
  return {In::header, "Content-Encoding", R"({"enum":["gzip","zstd"]})", "How the body is compressed."};
}

Parameter forward() {
  return {In::header, "Lode-Forward", R"({"enum":["no"]})",
          "no: a node that does not lead answers 307 instead of forwarding the write."};
}

std::vector<Route> write_routes() {
  return {
      {.method = Method::post,
       .path = "/v1/events",
       .name = "postEvents",
       .summary =
           "Append events: one, an array, NDJSON, CSV by a mapping, CloudEvents (binary mode: ce-* headers).",
       .parameters = {{In::query, "ack", R"({"enum":["applied","committed"],"default":"applied"})",
                       "Answer when applied to gold, or when committed."},
                      {In::query, "results", R"({"enum":["all"]})", "Name every item in results."},
                      {In::query, "mapping", kText,
                       "text/csv: the mapping's name (or a parameter of Content-Type)."},
                      content_encoding(),
                      forward()},
       .answers = write_answers(),
       .body_types = kEventTypes,
       .body_schema = "Events",
       .handle = post_events},
      {.method = Method::post,
       .path = "/v1/quarantine/{offset}/retry",
       .name = "retryQuarantined",
       .summary =
           "Send a quarantined record again: as it is (no body), or the corrected event, which keeps its "
           "source and event_id.",
       .parameters = {{In::path, "offset", kWhole, "The quarantined record."},
                      {In::query, "dry_run", R"({"enum":["true","false"],"default":"false"})",
                       "true: only say what would become of it, by the rules themselves."},
                      content_encoding(),
                      forward()},
       .answers = retry_answers(),
       .body_types = {"application/json"},
       .body_schema = "Event",
       .body_required = false,
       .handle = retry_quarantined}};
}

std::vector<Route> gold_and_silver_routes() {
  return {
      {.path = "/v1/gold/{view}",
       .name = "readGold",
       .summary = "Rows of a view, rolled up to fewer keys if asked; text/event-stream follows its changes.",
       .parameters = paging({{In::path, "view", kText, "A view's name: /v1/views lists them."},
                             {In::query, "group_by", kText, "The keys to keep, separated by commas."},
                             {In::query, "order_by", kText, "A column; with '-' before it highest first."}}),
       .answers = gold_answers(),
       .is_read = true,
       .handle = get_gold},
      {.path = "/v1/explain/gold/{view}",
       .name = "explainGold",
       .summary =
           "Where a number comes from: the lines, orders, records and rules behind a cell of a view, or "
           "a roll-up of cells, and whether they add up to it.",
       .parameters = paging({{In::path, "view", kText, "A view's name. Keys without a filter are rolled up."},
                             {In::query, "measure", kText, "Only what counts in this measure."},
                             {In::query, "without_effect", R"({"enum":["true","false"],"default":"false"})",
                              "true: also lines of cancelled orders, purchases that a revision "
                              "replaced and refunds in quarantine."}}),
       .answers = explain_answers(),
       .is_read = true,
       .handle = explain_gold},
      {.path = "/v1/silver/{table}",
       .name = "readSilver",
       .summary = "Rows of orders, order_lines, customers or products.",
       .parameters = paging({{In::path, "table", kText, "orders, order_lines, customers or products."}}),
       .answers = read_answers("Rows", kRowTypes),
       .is_read = true,
       .handle = get_silver},
      {.path = "/v1/silver/order_lines/{order_id}/{line}",
       .name = "readOrderLine",
       .summary = "One line of an order; lines count from 0.",
       .parameters =
           reading({{In::path, "order_id", kText, "The order."}, {In::path, "line", kWhole, "Its line."}}),
       .answers = read_answers("Rows", kRowTypes),
       .is_read = true,
       .handle = get_order_line},
      {.path = "/v1/silver/{table}/{key}",
       .name = "readSilverRow",
       .summary = "One row by its key.",
       .parameters =
           reading({{In::path, "table", kText, "The table."}, {In::path, "key", kText, "The row's key."}}),
       .answers = read_answers("Rows", kRowTypes),
       .is_read = true,
       .handle = get_silver_row},
      {.path = "/v1/quarantine",
       .name = "readQuarantine",
       .summary = "Records that broke a rule, with the rule.",
       .parameters = paging(
           query::quarantine_shape(),
           {{In::query, "include", kText,
             "event: with the record as it was sent, without "
             "contact fields; contact: with these; or "
             "event,contact. A page ends earlier then after about "
             "4 MiB of records."},
            {In::query, "received_at", kText, "Only records that came in then: a time, a day, or FROM..TO."},
            {In::query, "group_by", kText,
             "rule, source, type, day (of occurrence): counts of each group, "
             "with the first and last of it, on one page."}}),
       .answers = read_answers("Rows", kRowTypes),
       .is_read = true,
       .handle = get_quarantine},
      {.path = "/v1/quarantine/{offset}",
       .name = "readQuarantined",
       .summary =
           "One quarantined record: what the rule refuses, what to do, the event as sent, and the history "
           "of its retries, also once one has closed it.",
       .parameters =
           reading({{In::path, "offset", kWhole, "The quarantined record."},
                    {In::query, "include", R"({"enum":["contact"]})", "contact: with the contact fields."}}),
       .answers = read_answers("Quarantined", kRowTypes),
       .is_read = true,
       .handle = get_quarantined},
      {.path = "/v1/quality",
       .name = "readQuality",
       .summary = "Per rule and source: seen, changed, quarantined.",
       .parameters = paging(query::quality_shape()),
       .answers = read_answers("Rows", kRowTypes),
       .is_read = true,
       .handle = get_quality}};
}

std::vector<Route> log_routes() {
  Parameter contact = {In::query, "include", R"({"enum":["contact"]})", "contact: with the contact fields."};
  return {
      {.path = "/v1/log",
       .name = "readLog",
       .summary = "Records in order of offset, or {\"gap\":{\"from\",\"to\"}} where compaction dropped some; "
                  "text/event-stream follows the log, Last-Event-ID goes on.",
       .parameters = reading(
           {{In::query, "from", kWhole,
             "The first offset, default 0; to go on: the last offset + 1, until it is past as_of_offset."},
            {In::query, "limit", kLimit,
             "Records of one answer; it ends earlier after about 4 MiB of records. Not for a stream."},
            contact}),
       .answers = log_answers(kStreamTypes),
       .is_read = true,
       .handle = get_log},
      {.path = "/v1/log/{offset}",
       .name = "readLogRecord",
       .summary = "One record.",
       .parameters = reading({{In::path, "offset", kWhole, "Its offset."}, contact}),
       .answers = log_answers(kRowTypes),
       .is_read = true,
       .handle = get_log_record}};
}

std::vector<Route> status_routes() {
  return {{.path = "/v1/status",
           .name = "status",
           .summary = "The node's state.",
           .answers = plain_answers("The state.", "application/json", "Status"),
           .handle = get_status},
          {.path = "/livez",
           .name = "livez",
           .summary = "Is the process alive?",
           .answers = plain_answers("It is.", "text/plain"),
           .handle = get_livez},
          {.path = "/readyz",
           .name = "readyz",
           .summary = "Does it take requests? 503 when not; ?verbose says why.",
           .parameters = {{In::query, "verbose", kText, "Say why not."}},
           .answers = {{200, "Ready.", "", {"text/plain"}}, {503, "Not ready.", "", {"text/plain"}}},
           .handle = get_readyz},
          {.path = "/metrics",
           .name = "metrics",
           .summary = "Prometheus metrics.",
           .answers = plain_answers("The metrics.", "text/plain"),
           .handle = get_metrics},
          {.path = "/openapi.json",
           .name = "openapi",
           .summary = "This description.",
           .answers = plain_answers("OpenAPI 3.1.", "application/json"),
           .handle = get_openapi},
          {.path = "/",
           .name = "dashboard",
           .summary = "A page with daily sales and the node's state.",
           .answers = plain_answers("The page.", "text/html"),
           .handle = get_dashboard}};
}

}  // namespace

const std::vector<Route>& routes() {
  static const std::vector<Route> kRoutes = [] {
    std::vector<Route> all;
    for (auto& group : {write_routes(), gold_and_silver_routes(), log_routes(), status_routes(),
                        view_routes(), cluster_routes(), admin_routes()}) {
      all.insert(all.end(), group.begin(), group.end());
    }
    all.push_back(truncate_route());
    all.push_back(reload_route());
    return all;
  }();
  return kRoutes;
}

}  // namespace lode::wire
