// A node's life: opens the engine, binds the sockets, replays, serves until SIGTERM or SIGINT, stops in
// order.
#pragma once

#include <string>

#include "node/config.h"

namespace lode::node {

// Returns the process's exit code. Throws InvalidConfig or std::runtime_error with a sentence when it can't
// start.
int serve(const Config& config);

// Checks what read_config() can't: views, mappings, rules, the time zone. Throws InvalidConfig.
void check(const Config& config);

// Throws InvalidConfig that names the known flag nearest to `argument`.
[[noreturn]] void reject_argument(const std::string& argument);

}  // namespace lode::node
