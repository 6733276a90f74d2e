#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "lodectl/answer.h"
#include "lodectl/command.h"
#include "lodectl/http_client.h"
#include "lodectl/task_follow.h"

namespace lode::lodectl {
namespace {

void print_changes(std::string_view title, simdjson::dom::array changes) {
  for (simdjson::dom::element change : changes)
    std::cout << title << ": " << std::string_view(change["key"]) << " from "
              << std::string_view(change["from"]) << " to " << std::string_view(change["to"]) << "\n";
}

int reload(const Context& context, bool dry_run) {
  require_one_server(context);
  HttpClient client(context.url);
  const HttpAnswer answer = client.send({"POST",
                                         "/v1/admin/reload",
                                         {{"Content-Type", "application/json"}},
                                         dry_run ? R"({"dry_run":true})" : "{}"});
  require_success(answer);
  if (context.json) {
    std::cout << answer.body << "\n";
    return kDone;
  }
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(answer.body);
  const simdjson::dom::array taken(root["taken"]), left(root["left"]);
  print_changes(dry_run ? "would be taken over" : "taken over", taken);
  print_changes("only the next start takes", left);
  if (taken.size() == 0 && left.size() == 0) std::cout << "no value has changed\n";
  return kDone;
}

}  // namespace

void add_reload(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("reload", "Have the server read its configuration again");
  auto dry_run = std::make_shared<bool>(false);
  command->add_flag("--dry-run", *dry_run, "Only say what would change");
  command->footer(R"(
As SIGHUP and `systemctl reload loded` do. What can change while it serves is taken over, and CSV mappings and the certificates between
nodes are read again; the rest is named, and waits for the next start. A configuration that is not valid changes nothing (exit code 1).

Examples:
  lodectl reload --dry-run
  lodectl reload
  lodectl reload --json --host 10.0.0.5:7070)");
  command->callback(
      [&context, dry_run] { context.run = [&context, dry_run] { return reload(context, *dry_run); }; });
}

}  // namespace lode::lodectl
