#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "lodectl/command.h"
#include "lodectl/quarantine_retry.h"
#include "lodectl/rows.h"
#include "lodectl/table.h"
#include "lodectl/task_follow.h"

namespace lode::lodectl {
namespace {

struct Options {
  int64_t offset = 0;
  std::string format = "table", cursor, group_by;
  std::string rule, source, type, occurred, received;
  RetryOptions retry;
  int limit = 0;
  bool all = false;
};

// What is asked for, as the server's parameters.
Parameters filters_of(const Options& options) {
  Parameters filters;
  for (const auto& [name, value] :
       {std::pair("rule", &options.rule), std::pair("source", &options.source),
        std::pair("type", &options.type), std::pair("occurred_at", &options.occurred),
        std::pair("received_at", &options.received)})
    if (!value->empty()) filters.emplace_back(name, *value);
  return filters;
}

int list(const Context& context, const Options& options) {
  RowsRequest request;
  request.path = "/v1/quarantine";
  request.filters = filters_of(options);
  request.parameters = {{"group_by", options.group_by},
                        {"limit", options.limit > 0 ? std::to_string(options.limit) : ""}};
  request.cursor = options.cursor;
  request.format = options.format;
  request.all = options.all;
  return print_rows(context, request);
}

int show(const Context& context, const Options& options) {
  HttpClient client(context.url);
  const HttpAnswer found = client.get("/v1/quarantine/" + std::to_string(options.offset));
  if (found.status == 404) throw Failed("offset " + std::to_string(options.offset) + " is not in quarantine");
  require_success(found);
  simdjson::dom::parser parser;
  const simdjson::dom::element answer = parser.parse(found.body);
  const simdjson::dom::object row = answer["rows"].at(0);
  if (context.json) {
    std::string json = simdjson::minify(row);
    json.pop_back();
    std::cout << json << ",\"history\":" << simdjson::minify(simdjson::dom::element(answer["history"]))
              << "}\n";
    return kDone;
  }
  for (auto [name, value] : row) {
    std::string_view text;
    if (value.is_null() || (!value.get(text) && text.empty())) continue;
    std::cout << name << ": " << (value.is_string() ? std::string(text) : simdjson::minify(value)) << "\n";
  }
  if (row["event"].is_null()) std::cout << "event: what was sent is not in the log any more\n";
  const Table history =
      table_of(R"({"rows":)" + simdjson::minify(simdjson::dom::element(answer["history"])) + "}");
  if (!history.rows.empty()) {
    std::cout << "retries:\n";
    print_table(history, std::cout);
  }
  return kDone;
}

void add_filters(CLI::App& command, Options& options) {
  command.add_option("--rule", options.rule, "Only of these rules, with commas");
  command.add_option("--source", options.source, "Only from these sources, with commas");
  command.add_option("--type", options.type, "Only purchase, refund, cancellation, …, with commas");
  command.add_option("--occurred", options.occurred, "Only what occurred then: a day, a time, or FROM..TO");
  command.add_option("--received", options.received, "Only what came in then: a day, a time, or FROM..TO");
}

}  // namespace

void add_quarantine(CLI::App& app, Context& context) {
  auto* family =
      app.add_subcommand("quarantine", "Events that break a business rule: look at them, send them again");
  family->require_subcommand(1);
  auto options = std::make_shared<Options>();
  auto* list_command = family->add_subcommand("list", "What is in quarantine");
  add_filters(*list_command, *options);
  list_command->add_option("--group-by", options->group_by,
                           "Counts of rule, source, type, day (of occurrence), with commas");
  list_command->add_option("--limit", options->limit, "Rows of a page")->check(CLI::Range(1, 10'000));
  list_command->add_option("--cursor", options->cursor, "Where the page before ended");
  list_command->add_flag("--all", options->all, "Every page");
  list_command->add_option("--format", options->format, "table, csv, json or ndjson")
      ->check(CLI::IsMember({"table", "csv", "json", "ndjson"}))
      ->capture_default_str();
  list_command->callback(
      [&context, options] { context.run = [&context, options] { return list(context, *options); }; });
  auto* show_command = family->add_subcommand("show", "One quarantined event");
  show_command->add_option("offset", options->offset, "Its offset")->required();
  show_command->callback(
      [&context, options] { context.run = [&context, options] { return show(context, *options); }; });
  auto* retry_command = family->add_subcommand("retry", "Send it again, as it is or corrected");
  RetryOptions& retry = options->retry;
  retry_command->add_option("offsets", retry.offsets, "Offsets; without any what the filters keep");
  add_filters(*retry_command, *options);
  retry_command->add_flag("--all", retry.all, "Everything that is in quarantine");
  retry_command->add_option("--event", retry.event_file, "File with the corrected event as JSON, or -");
  retry_command->add_option("--set", retry.sets,
                            "A change to each event, /pointer=value; several times for several places");
  retry_command->add_flag("--dry-run", retry.dry_run, "Only say what would pass and what would not");
  retry_command->add_option("--rate", retry.rate, "Records a second, at most");
  add_detach(*retry_command, retry.detach);
  list_command->footer(R"(
Examples:
  lodectl quarantine list --group-by rule,source
  lodectl quarantine list --rule negative_price --all --format ndjson
  lodectl quarantine list --source erp --received 2011-01-01..2011-01-31)");
  show_command->footer(R"(
The rule that it breaks, where, and what to do; the event as it was sent, without contact data (lodectl log OFFSET --contact
has that); and its retries, also once one has closed it.

Examples:
  lodectl quarantine show 1234
  lodectl --json quarantine show 1234 | jq .event > corrected.json)");
  retry_command->footer(R"(
A retry is a record of its own, with a verdict of its own, that keeps the event's id; the first that succeeds ends the quarantine.
As it is an event passes when what it lacked has come meanwhile; --event and --set correct it. Many are retried by a task, which
goes on after a restart, from any node. --dry-run asks the rules themselves, and sends nothing. Exit code 1 when some are refused again.

Examples:
  lodectl quarantine retry 1234
  lodectl quarantine retry 1234 --event corrected.json
  lodectl quarantine retry --rule unknown_currency --source erp --set /currency=GBP --dry-run
  lodectl quarantine retry --rule zero_quantity --occurred 2011-01-01..2011-01-31 --set /lines/0/quantity=1 --rate 100)");
  retry_command->callback([&context, options] {
    context.run = [&context, options] {
      options->retry.filters = filters_of(*options);
      return retry_quarantined(context, options->retry);
    };
  });
  family->footer(R"(
Examples:
  lodectl quarantine list --group-by rule,source
  lodectl quarantine show 1234
  lodectl quarantine retry 1234
  lodectl quarantine retry 1234 --event corrected.json)");
}

}  // namespace lode::lodectl
