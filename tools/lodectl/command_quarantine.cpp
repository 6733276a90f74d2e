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

int show(const Context& context, const Options& options) {
  RowsRequest request;
  request.path = "/v1/quarantine";
  request.parameters = {{"offset", std::to_string(options.offset)}};
  request.format = "ndjson";
  return print_rows(context, request);
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
