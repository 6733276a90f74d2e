#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "generate/json_text.h"
#include "lodectl/answer.h"
#include "lodectl/cluster_link.h"
#include "lodectl/command.h"
#include "lodectl/whole_file.h"

namespace lode::lodectl {
namespace {

struct Options {
  std::string file;
  uint32_t give_up_seconds = 120;
};

int show(const Context& context) {
  HttpClient client(context.url);
  HttpAnswer answer = client.get("/v1/ruleset");
  require_success(answer);
  if (!context.json) {
    std::cout << answer.body;
    return kDone;
  }
  std::string out;
  generate::JsonText(out).begin_object().text("ruleset", answer.body).end_object();
  std::cout << out << "\n";
  return kDone;
}

int apply(const Context& context, const Options& options) {
  std::string text = read_whole_file(options.file);
  ClusterStatus status;
  std::string body;
  {
    HttpClusterLink link(context.url);  // with its progress bar
    status = ClusterSteps(link, options.give_up_seconds).apply_ruleset(text);
    if (context.json) body = link.status().body;
  }
  if (context.json) {
    std::cout << body << "\n";
  } else {
    std::cout << "ruleset " << status.ruleset << " is in force\n";
  }
  return kDone;
}

}  // namespace

void add_ruleset(CLI::App& app, Context& context) {
  auto* family =
      app.add_subcommand("ruleset", "What determines rows: rules, aliases, fees, views, time zone");
  family->require_subcommand(1);
  auto options = std::make_shared<Options>();
  auto* show_command = family->add_subcommand("show", "The ruleset that is in force");
  show_command->footer(R"(
Examples:
  lodectl ruleset show > ruleset.toml)");
  show_command->callback([&context] { context.run = [&context] { return show(context); }; });
  auto* apply_command = family->add_subcommand("apply", "Change it, on all nodes at the same record");
  apply_command
      ->add_option("file", options->file, "The new ruleset as 'show' prints it, or - for standard input")
      ->required();
  apply_command
      ->add_option("--give-up-seconds", options->give_up_seconds, "How long to wait while nothing moves")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  apply_command->footer(R"(
Every node builds its tables anew beside those that serve; when all are done they are exchanged. Ends when they are.

Examples:
  lodectl ruleset show > ruleset.toml
  lodectl ruleset apply ruleset.toml)");
  apply_command->callback(
      [&context, options] { context.run = [&context, options] { return apply(context, *options); }; });
  family->footer(R"(
Examples:
  lodectl ruleset show > ruleset.toml
  lodectl ruleset apply ruleset.toml)");
}

}  // namespace lode::lodectl
