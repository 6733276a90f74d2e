#include "usage/completion.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <stdexcept>

#include "usage/words.h"

namespace lode::usage {

namespace {

std::string function_of(const std::string& program) {
  std::string out = "_" + program;
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

std::string words_at(const std::vector<Command>& all, const Command& command) {
  std::string out;
  for (const std::string& word : command.commands) out += word + " ";
  for (const Flag& flag : flags_here(all, command))
    for (const std::string& name : flag.names) out += "--" + name + " ";
  return out;
}

// Which command's place the words so far are: shared by bash and zsh, which differ in nothing here.
void write_place(const std::vector<Command>& all, std::ostream& out) {
  std::string known;
  for (const Command& command : all)
    if (!command.path.empty()) known += (known.empty() ? "'" : "|'") + command.joined() + "'";
  if (known.empty()) return;
  out << "    case \"${place:+$place }$word\" in\n      " << known
      << ") place=${place:+$place }$word ;;\n    esac\n";
}

void write_cases(const std::vector<Command>& all, const std::string& before, std::ostream& out) {
  out << "  case \"$place\" in\n";
  for (const Command& command : all)
    out << "    '" << command.joined() << "') list='" << words_at(all, command) << "' ;;\n";
  out << "  esac\n  case \"$place " << before << "\" in\n";
  for (const Command& command : all) {
    for (const Flag& flag : command.flags) {
      if (flag.values.empty()) continue;
      std::string values;
      for (const std::string& value : flag.values) values += value + " ";
      for (const std::string& name : flag.names)
        out << "    '" << command.joined() << " --" << name << "') list='" << values << "' ;;\n";
    }
  }
  out << "    '') ;;\n  esac\n";
}

void write_bash(const std::string& program, const std::vector<Command>& all, std::ostream& out) {
  const std::string function = function_of(program);
  out << "# Completion of " << program << " for bash.\n"
      << function << "() {\n"
      << "  local place='' word list='' i\n  for ((i = 1; i < COMP_CWORD; i++)); do\n    "
         "word=${COMP_WORDS[i]}\n"
      << "    [[ $word == -* || $word == *=* ]] && continue\n";
  write_place(all, out);
  out << "  done\n";
  write_cases(all, "${COMP_WORDS[COMP_CWORD-1]}", out);
  out << "  COMPREPLY=($(compgen -W \"$list\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\ncomplete -o default -F "
      << function << " " << program << "\n";
}

void write_zsh(const std::string& program, const std::vector<Command>& all, std::ostream& out) {
  const std::string function = function_of(program);
  out << "#compdef " << program << "\n# Completion of " << program << " for zsh.\n"
      << function << "() {\n"
      << "  local place='' word list='' i\n  for ((i = 2; i < CURRENT; i++)); do\n    word=$words[i]\n"
      << "    [[ $word == -* || $word == *=* ]] && continue\n";
  write_place(all, out);
  out << "  done\n";
  write_cases(all, "$words[CURRENT-1]", out);
  out << "  compadd -- ${=list}\n  [[ $words[CURRENT] == -* ]] || _files\n}\n"
      << "if [[ ${funcstack[1]} == " << function << " ]]; then " << function << " \"$@\"; else compdef "
      << function << " " << program << "; fi\n";
}

std::string fish_text(const std::string& text) {
  std::string out = "'";
  for (const char c : text.substr(0, text.find('\n'))) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

void write_fish(const std::string& program, const std::vector<Command>& all, std::ostream& out) {
  const std::string function = "_" + function_of(program) + "_place";
  out << "# Completion of " << program << " for fish.\nfunction " << function << "\n  set -l place\n"
      << "  for word in (commandline -opc)[2..-1]\n    switch (string join ' ' -- $place $word)\n      case";
  for (const Command& command : all)
    if (!command.path.empty()) out << " '" << command.joined() << "'";
  out << (all.size() == 1 ? " ''" : "")
      << "\n        set -a place $word\n    end\n  end\n  string join ' ' -- $place\nend\n";
  for (const Command& command : all) {
    const std::string when =
        "complete -c " + program + " -n 'test \"$(" + function + ")\" = \"" + command.joined() + "\"'";
    for (const Command& inner : all) {
      if (inner.path.size() != command.path.size() + 1) continue;
      if (!std::equal(command.path.begin(), command.path.end(), inner.path.begin())) continue;
      out << when << " -f -a " << inner.path.back() << " -d " << fish_text(inner.text) << "\n";
    }
    for (const Flag& flag : flags_here(all, command)) {
      for (const std::string& name : flag.names) {
        out << when << " -l " << name;
        if (!flag.takes.empty()) out << " -r";
        if (!flag.values.empty()) {
          out << " -f -a '";
          for (const std::string& value : flag.values) out << value << ' ';
          out << "'";
        }
        out << " -d " << fish_text(flag.text) << "\n";
      }
    }
  }
}

}  // namespace

void write_completion(const CLI::App& app, const std::string& shell, std::ostream& out) {
  const auto all = commands_of(app);
  if (shell == "bash") return write_bash(app.get_name(), all, out);
  if (shell == "zsh") return write_zsh(app.get_name(), all, out);
  if (shell == "fish") return write_fish(app.get_name(), all, out);
  throw std::invalid_argument("'" + shell + "' is none of bash, zsh, fish");
}

}  // namespace lode::usage
