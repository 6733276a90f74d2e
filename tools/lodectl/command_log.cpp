#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "lodectl/command.h"
#include "lodectl/rows.h"

namespace lode::lodectl {
namespace {

struct Options {
  int64_t offset = -1;
  int64_t from = 0;
  int limit = 20;
  bool contact = false;
  std::string format = "ndjson";
};

int log(const Context& context, const Options& options) {
  std::string include = options.contact ? "contact" : "";
  if (options.offset >= 0) {
    HttpClient client(context.url);
    HttpAnswer answer =
        client.get(target_of("/v1/log/" + std::to_string(options.offset), {{"include", include}}));
    require_success(answer);
    std::cout << answer.body << "\n";
    return kDone;
  }
  RowsRequest request;
  request.path = "/v1/log";
  request.parameters = {
      {"from", std::to_string(options.from)}, {"limit", std::to_string(options.limit)}, {"include", include}};
  request.format = options.format;
  return print_rows(context, request);
}

}  // namespace

void add_log(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("log", "Records of the log, as they were sent");
  auto options = std::make_shared<Options>();
  command->add_option("offset", options->offset, "One record");
  command->add_option("--from", options->from, "First offset")->capture_default_str();
  command->add_option("--limit", options->limit, "How many")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_flag("--contact", options->contact, "With contact data (email, name, phone, address)");
  command->add_option("--format", options->format, "table, csv, json or ndjson")
      ->check(CLI::IsMember({"table", "csv", "json", "ndjson"}))
      ->capture_default_str();
  command->footer(R"(
Examples:
  lodectl log --limit 5
  lodectl log 12345
  lodectl log --from 1000000 --limit 100 --json)");
  command->callback(
      [&context, options] { context.run = [&context, options] { return log(context, *options); }; });
}

}  // namespace lode::lodectl
