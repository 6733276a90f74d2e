// What a command line takes, read from its parser: so that completions and manual pages can't say anything
// else. Pure; any thread.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace lode::usage {

struct Flag {
  std::vector<std::string> names;   // without dashes; long ones
  std::string takes;                // "TEXT"; "" for a switch
  std::string text;                 // what it is for
  std::string default_text;         // "" for none
  std::vector<std::string> values;  // that it may have; none: any
  bool required = false;
};

// A word of the command line without dashes.
struct Place {
  std::string name, text;
  bool required = false;
};

// One command: the program itself, or what stands behind it.
struct Command {
  std::vector<std::string> path;  // {"backup", "create"}; empty for the program
  std::string text, footer;
  std::vector<Flag> flags;  // its own, --help among them
  std::vector<Place> places;
  std::vector<std::string> commands;  // that stand behind it

  std::string joined() const;  // "backup create"
};

// All of them: the program first, each before those behind it.
std::vector<Command> commands_of(const CLI::App& app);

// Those of `command`, and of all before it in `all`, that hold here, too.
std::vector<Flag> flags_here(const std::vector<Command>& all, const Command& command);

}  // namespace lode::usage
