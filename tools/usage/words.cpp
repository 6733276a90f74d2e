#include "usage/words.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace lode::usage {

namespace {

// "one, two" of a check such as `:{one,two}`.
std::vector<std::string> values_in(const std::string& checks) {
  std::vector<std::string> out;
  const size_t open = checks.find('{'), close = checks.find('}');
  if (open == std::string::npos || close == std::string::npos) return out;
  std::string values = checks.substr(open + 1, close - open - 1);
  for (size_t at = 0; at <= values.size();) {
    const size_t comma = std::min(values.find(',', at), values.size());
    out.push_back(values.substr(at, comma - at));
    at = comma + 1;
  }
  return out;
}

Flag flag_of(const CLI::Option& option) {
  Flag out;
  out.names = option.get_lnames();
  out.takes = option.get_items_expected_max() == 0 ? "" : option.get_type_name();
  out.text = option.get_description();
  out.default_text = option.get_default_str();
  out.values = values_in(out.takes);
  if (!out.values.empty()) out.takes = "WORD";
  if (const size_t check = out.takes.find(':'); check != std::string::npos) out.takes.resize(check);
  out.required = option.get_required();
  return out;
}

void add(const CLI::App& app, const std::vector<std::string>& path, std::vector<Command>& out) {
  Command command;
  command.path = path;
  command.text = app.get_description();
  command.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) {
      command.places.push_back({option->get_name(), option->get_description(), option->get_required()});
    } else {
      command.flags.push_back(flag_of(*option));
    }
  }
  const auto inner = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* one : inner) command.commands.push_back(one->get_name());
  out.push_back(std::move(command));
  for (const CLI::App* one : inner) {
    std::vector<std::string> deeper = path;
    deeper.push_back(one->get_name());
    add(*one, deeper, out);
  }
}

bool begins_with(const std::vector<std::string>& path, const std::vector<std::string>& head) {
  return head.size() <= path.size() && std::equal(head.begin(), head.end(), path.begin());
}

}  // namespace

std::string Command::joined() const {
  std::string out;
  for (const std::string& word : path) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::vector<Command> commands_of(const CLI::App& app) {
  std::vector<Command> out;
  add(app, {}, out);
  return out;
}

std::vector<Flag> flags_here(const std::vector<Command>& all, const Command& command) {
  std::vector<Flag> out;
  std::vector<std::string> seen;
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    if (!begins_with(command.path, at->path)) continue;
    for (const Flag& flag : at->flags) {
      if (std::ranges::find(seen, flag.names.front()) != seen.end()) continue;
      seen.push_back(flag.names.front());
      out.push_back(flag);
    }
  }
  return out;
}

}  // namespace lode::usage
