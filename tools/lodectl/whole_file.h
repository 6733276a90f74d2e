// A small file that is sent as it is: a declaration, a ruleset, an event.
#pragma once

#include <string>

namespace lode::lodectl {

// "-" is standard input. Throws Failed (usage) when it can't be read.
std::string read_whole_file(const std::string& path);

}  // namespace lode::lodectl
