#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "lodectl/command.h"

namespace lode::lodectl {
namespace {

// Made from the parser itself, so that it knows every command and option.
void write_case(const CLI::App& app, const std::string& path, std::ostream& out) {
  std::vector<std::string> words;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    words.push_back(command->get_name());
  }
  for (const CLI::App* at = &app; at; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        std::string flag = "--" + name;
        if (std::find(words.begin(), words.end(), flag) == words.end()) words.push_back(flag);
      }
    }
  }
  out << "    '" << path << "') words='";
  for (const std::string& word : words) out << word << ' ';
  out << "' ;;\n";
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    write_case(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), out);
  }
}

// "one two" of an option that takes one of these; "" of any other.
std::string values_of(CLI::Option* option) {
  std::string text;
  try {
    text = option->get_validator(0)->get_description();
  } catch (const CLI::OptionNotFound&) {
    return {};
  }
  size_t open = text.find('{'), close = text.find('}');
  if (open == std::string::npos || close == std::string::npos) return {};
  text = text.substr(open + 1, close - open - 1);
  std::replace(text.begin(), text.end(), ',', ' ');
  return text;
}

// What stands behind an option that takes one of a few words.
void write_values(CLI::App& app, const std::string& path, std::ostream& out) {
  for (CLI::Option* option : app.get_options()) {
    std::string values = values_of(option);
    if (values.empty()) continue;
    for (const std::string& name : option->get_lnames())
      out << "    '" << path << " --" << name << "') words='" << values << "' ;;\n";
  }
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    write_values(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), out);
  }
}

int completion(CLI::App& app) {
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
  std::cout << "  esac\n  case \"$path ${COMP_WORDS[COMP_CWORD-1]}\" in\n";
  write_values(app, "", std::cout);
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
Examples:
  source <(lodectl completion bash)
  autoload -U bashcompinit && bashcompinit && source <(lodectl completion bash)    # in zsh)");
  command->callback([&context, &app, shell] { context.run = [&app, shell] { return completion(app); }; });
}

}  // namespace lode::lodectl
