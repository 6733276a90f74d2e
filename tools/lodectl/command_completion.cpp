#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "lodectl/command.h"

namespace lode::lodectl {
namespace {

// Made from the parser itself, so that it knows every command and option.
void write_case(const CLI::App& app, const std::string& path, std::ostream& out) {
  std::string words;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    words += command->get_name() + " ";
  }
  for (const CLI::App* at = &app; at; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
    }
  }
  out << "    '" << path << "') words='" << words << "' ;;\n";
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    write_case(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), out);
  }
}

int completion(const CLI::App& app) {
  std::cout << R"(_lodectl() {
  local path='' word words i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    [[ $word == -* || $word == *=* ]] && continue
    case "${path:+$path }$word" in
)";
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    std::cout << "      " << command->get_name();
    for (const CLI::App* inner : command->get_subcommands([](const CLI::App*) { return true; })) {
      std::cout << "|'" << command->get_name() << " " << inner->get_name() << "'";
    }
    std::cout << ") path=${path:+$path }$word ;;\n";
  }
  std::cout << "    esac\n  done\n  case \"$path\" in\n";
  write_case(app, "", std::cout);
  std::cout << R"(  esac
  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _lodectl lodectl
)";
  return kDone;
}

}  // namespace

void add_completion(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("completion", "Print the completion script for a shell");
  auto shell = std::make_shared<std::string>("bash");
  command->add_option("shell", *shell, "bash")->check(CLI::IsMember({"bash"}))->capture_default_str();
  command->footer(R"(
Example:
  source <(lodectl completion bash))");
  command->callback([&context, &app, shell] { context.run = [&app, shell] { return completion(app); }; });
}

}  // namespace lode::lodectl
