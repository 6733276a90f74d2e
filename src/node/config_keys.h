// The one list of configuration keys: name, where the value goes, what it is for. Everything else (file,
// environment, flags, --help, the documented file) is made of it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "node/config.h"

namespace lode::node {

using Target = std::variant<std::string*, uint64_t*, bool*, std::vector<std::string>*,
                            std::map<std::string, std::string>*>;

struct Key {
  std::string name;
  std::function<Target(Config&)> target;
  std::string text;
  uint64_t least = 0, most = 0;  // of a number
  bool live = false;             // a reload takes it
};

const std::vector<Key>& all_keys();
const Key* find_key(std::string_view name);

}  // namespace lode::node
