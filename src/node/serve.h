// A node's life: opens the engine, binds the sockets, replays, serves until SIGTERM or SIGINT, stops in
// order.
#pragma once

#include <string>

#include "node/config.h"

namespace lode::node {

// Returns the process's exit code. Throws InvalidConfig or std::runtime_error with a sentence when it can't
// start.
int serve(const ConfigSource& source);

// Checks what read_config() can't: views, mappings, rules, the time zone. Throws InvalidConfig.
void check(const Config& config);

}  // namespace lode::node
