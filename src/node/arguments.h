// loded's command line: the keys of the configuration as flags, and what is done with a folder that nobody
// serves. The same parser makes its help, its manual page and its completions (tools/usage/).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "node/config.h"
#include "node/offline.h"

// NOLINTNEXTLINE(readability-identifier-naming): the parser's own name
namespace CLI {
class App;
}

namespace lode::node {

struct Arguments {
  std::string file;  // --config
  bool check = false;
  std::optional<OfflineRequest> offline;  // nothing: serve
  Settings flags() const;                 // once parsed

  OfflineRequest request;                       // what the flags of an offline command say
  Settings given;                               // values of keys
  std::map<std::string, std::string> switches;  // by key; "" when not given
};

// `app` writes into `arguments`, which outlives its parsing.
void add_arguments(CLI::App& app, Arguments& arguments);

// A sentence for what the parser refused, with the known word nearest to an unknown one.
std::string refusal_of(const CLI::App& app, const std::string& what);

}  // namespace lode::node
