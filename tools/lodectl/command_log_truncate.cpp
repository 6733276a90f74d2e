#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "lodectl/answer.h"
#include "lodectl/command.h"
#include "lodectl/confirmation.h"
#include "lodectl/http_client.h"

namespace lode::lodectl {
namespace {

struct Options {
  uint64_t before = 0;
  bool dry_run = false, yes = false;
};

int truncate(const Context& context, const Options& options) {
  if (context.url.find(',') != std::string::npos)
    throw Failed("this is about one node: name it with --url", kUsage);
  if (!options.dry_run)
    confirm("the records before offset " + std::to_string(options.before) + " leave the log of the node at " +
                context.url + " for ever",
            options.yes);
  HttpClient client(context.url);
  const std::string body = "{\"before\":" + std::to_string(options.before) +
                           ",\"dry_run\":" + (options.dry_run ? "true" : "false") + "}";
  const HttpAnswer answer =
      client.send({"POST", "/v1/admin/log/truncate", {{"Content-Type", "application/json"}}, body});
  require_success(answer);
  if (context.json) {
    std::cout << answer.body << "\n";
    return kDone;
  }
  const std::string held = member_text(answer.body, "held_by");
  std::cout << member_text(answer.body, "dropped_entries")
            << (options.dry_run ? " entries would go" : " entries are gone")
            << "; the first offset that is left " << (options.dry_run ? "would be " : "is ")
            << member_text(answer.body, "first_offset") << "\n";
  if (!held.empty()) std::cout << "not further: " << held << "\n";
  return kDone;
}

}  // namespace

void add_log_truncate(CLI::App& log, Context& context) {
  auto* command =
      log.add_subcommand("truncate", "Drop the log's beginning on one node, as far as nobody needs it");
  auto options = std::make_shared<Options>();
  command->add_option("--before", options->before, "Records from this offset on stay")->required();
  command->add_flag("--dry-run", options->dry_run, "Only say what would go");
  command->add_flag("--yes", options->yes, "Don't ask");
  command->footer(R"(
What was made of the records stays: tables, views, and the ids, so that nothing counts twice. Another ruleset can't be
applied any more, as it needs all records. An entry holds many records: those that share one with a record that stays, stay.

Examples:
  lodectl log truncate --before 1000000 --dry-run
  lodectl log truncate --before 1000000 --yes)");
  command->callback(
      [&context, options] { context.run = [&context, options] { return truncate(context, *options); }; });
}

}  // namespace lode::lodectl
