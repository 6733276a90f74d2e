// A program's options as the configuration of a node without sockets.
#pragma once

#include <string>

#include "lode/engine.h"
#include "node/config.h"

namespace lode::embed {

// Throws node::InvalidConfig: an unknown key, a value out of its range, a key that only a server has.
node::Config config_of(const std::string& folder, const Options& options);

}  // namespace lode::embed
