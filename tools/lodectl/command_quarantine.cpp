#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "lodectl/command.h"
#include "lodectl/rows.h"

namespace lode::lodectl {
namespace {

struct Options {
  int64_t offset = 0;
  std::string event_file, format = "table", rule, cursor;
  int limit = 0;
  bool all = false;
};

int list(const Context& context, const Options& options) {
  RowsRequest request;
  request.path = "/v1/quarantine";
  request.parameters = {{"rule", options.rule},
                        {"limit", options.limit > 0 ? std::to_string(options.limit) : ""}};
  request.cursor = options.cursor;
  request.format = options.format;
  request.all = options.all;
  return print_rows(context, request);
}

// What a rule finds wrong, for who has to put it right.
std::string meaning_of(std::string_view rule) {
  constexpr std::pair<std::string_view, const char*> kMeanings[] = {
      {"unknown_currency", "its currency is no ISO 4217 code"},
      {"implausible_time",
       "its occurred_at is too early, or too long after its receive time (silver.earliest, "
       "silver.latest_after_receive_seconds)"},
      {"negative_price", "a line has a unit_price below 0"},
      {"zero_quantity", "a line has the quantity 0"},
      {"duplicate_order",
       "its order has a purchase already; a correction needs a higher revision than that one's"},
      {"refund_exceeds_order", "it gives back more units of a sku than its order has left"},
      {"unknown_order", "no valid purchase of its order has come; it is applied by itself when one comes"},
      {"order_cancelled", "its order is cancelled, and that is final"},
      {"too_many_records", "its order has as many records as one may have"},
  };
  for (const auto& [name, meaning] : kMeanings)
    if (name == rule) return meaning;
  return "";
}

int show(const Context& context, const Options& options) {
  HttpClient client(context.url);
  HttpAnswer found = client.get(
      target_of("/v1/quarantine", {{"offset", std::to_string(options.offset)}, {"include", "event"}}));
  require_success(found);
  simdjson::dom::parser parser;
  simdjson::dom::object row;
  if (parser.parse(found.body)["rows"].at(0).get(row))
    throw Failed("offset " + std::to_string(options.offset) + " is not in quarantine");
  if (context.json) {
    std::cout << simdjson::minify(row) << "\n";
    return kDone;
  }
  for (auto [name, value] : row) {
    std::string_view text;
    if (value.is_null() || (!value.get(text) && text.empty())) continue;
    std::cout << name << ": " << (value.is_string() ? std::string(text) : simdjson::minify(value)) << "\n";
    if (name == "rule" && !meaning_of(text).empty()) std::cout << "meaning: " << meaning_of(text) << "\n";
  }
  if (row["event"].is_null()) std::cout << "event: what was sent is not in the log any more\n";
  return kDone;
}

std::string read_event(const std::string& path) {
  std::ostringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
  } else {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Failed("can't read " + path, kUsage);
    text << file.rdbuf();
  }
  return text.str();
}

int retry(const Context& context, const Options& options) {
  HttpClient client(context.url);
  std::string body = options.event_file.empty() ? "" : read_event(options.event_file);
  HttpRequest request{"POST", "/v1/quarantine/" + std::to_string(options.offset) + "/retry", {}, body};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  HttpAnswer answer = client.send(request);
  require_success(answer);
  std::cout << answer.body << (answer.body.ends_with('\n') ? "" : "\n");
  return answer.body.find("\"quarantined\"") == std::string::npos ? kDone : kFailed;
}

}  // namespace

void add_quarantine(CLI::App& app, Context& context) {
  auto* family =
      app.add_subcommand("quarantine", "Events that break a business rule: look at them, send them again");
  family->require_subcommand(1);
  auto options = std::make_shared<Options>();
  auto* list_command = family->add_subcommand("list", "What is in quarantine");
  list_command->add_option("--rule", options->rule, "Only of this rule");
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
  retry_command->add_option("offset", options->offset, "Its offset")->required();
  retry_command->add_option("--event", options->event_file, "File with the corrected event as JSON, or -");
  list_command->footer(R"(
Examples:
  lodectl quarantine list
  lodectl quarantine list --rule negative_price --all --format ndjson)");
  show_command->footer(R"(
The rule that it breaks, and the event as it was sent, without contact data (lodectl log OFFSET --contact has that).

Examples:
  lodectl quarantine show 1234
  lodectl --json quarantine show 1234 | jq .event > corrected.json)");
  retry_command->footer(R"(
A retry is a record of its own, with a verdict of its own; the first that succeeds ends the quarantine. Without --event
the event is sent as it is: that helps when what it lacked has come meanwhile. Exit code 1 when it is quarantined again.

Examples:
  lodectl quarantine retry 1234
  lodectl quarantine retry 1234 --event corrected.json)");
  retry_command->callback(
      [&context, options] { context.run = [&context, options] { return retry(context, *options); }; });
  family->footer(R"(
Examples:
  lodectl quarantine list --rule negative_price
  lodectl quarantine show 1234
  lodectl quarantine retry 1234
  lodectl quarantine retry 1234 --event corrected.json)");
}

}  // namespace lode::lodectl
