#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include "generate/json_text.h"
#include "lodectl/command.h"
#include "usage/completion.h"

namespace lode::lodectl {
namespace {

int completion(const Context& context, const CLI::App& app, const std::string& shell) {
  std::ostringstream script;
  usage::write_completion(app, shell, script);
  if (!context.json) {
    std::cout << script.str();
    return kDone;
  }
  std::string out;
  generate::JsonText(out).begin_object().text("shell", shell).text("script", script.str()).end_object();
  std::cout << out << "\n";
  return kDone;
}

}  // namespace

void add_completion(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("completion", "Print the completion script for a shell");
  auto shell = std::make_shared<std::string>("bash");
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->capture_default_str();
  command->footer(R"(
The package installs them, for loded and lode-bench, too.

Examples:
  source <(lodectl completion bash)
  source <(lodectl completion zsh)                 # after autoload -U compinit && compinit
  lodectl completion fish | source)");
  command->callback([&context, &app, shell] {
    context.run = [&context, &app, shell] { return completion(context, app, *shell); };
  });
}

}  // namespace lode::lodectl
