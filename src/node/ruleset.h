// The ruleset: all configuration that determines rows. Its hash is stored with the state; a start with
// another one rebuilds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gold/view.h"
#include "node/config.h"
#include "silver/silver.h"

namespace lode::node {

silver::Settings silver_settings(const Config& config);          // throws InvalidConfig
std::vector<gold::View> configured_views(const Config& config);  // throws InvalidConfig, gold::InvalidView
uint64_t ruleset_hash(const silver::Settings& silver, uint64_t gold_hash);

}  // namespace lode::node
