#include <CLI/CLI.hpp>
#include <memory>

#include "lodectl/command.h"
#include "lodectl/rows.h"

namespace lode::lodectl {

void add_quality(CLI::App& app, Context& context) {
  auto* command =
      app.add_subcommand("quality", "What each cleaning rule has seen, changed and quarantined, by source");
  auto request = std::make_shared<RowsRequest>();
  request->path = "/v1/quality";
  command->add_option("--format", request->format, "table, csv, json or ndjson")
      ->check(CLI::IsMember({"table", "csv", "json", "ndjson"}))
      ->capture_default_str();
  command->footer(R"(
Examples:
  lodectl quality
  lodectl quality --format csv)");
  command->callback(
      [&context, request] { context.run = [&context, request] { return print_rows(context, *request); }; });
}

}  // namespace lode::lodectl
