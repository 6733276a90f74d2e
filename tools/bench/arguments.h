// The command line of lode-bench.
#pragma once

#include <optional>

#include "bench/settings.h"

namespace CLI {
class App;
}

namespace lode::bench {

// `app` writes into `settings`, which outlives its parsing.
void add_arguments(CLI::App& app, Settings& settings);

// Nothing: the arguments were refused or help was asked for, it has been printed, and `exit` is the exit
// code.
std::optional<Settings> parse_arguments(int argc, const char* const* argv, int& exit);

}  // namespace lode::bench
