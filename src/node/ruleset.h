// The ruleset as the configuration files have it.
#pragma once

#include "materialize/ruleset.h"
#include "node/config.h"

namespace lode::node {

// Throws InvalidConfig, gold::InvalidView, std::invalid_argument (an unknown time zone).
materialize::Ruleset configured_ruleset(const Config& config);

}  // namespace lode::node
