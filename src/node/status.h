// What GET /v1/status and `lodectl status` show of a node.
#pragma once

#include <cstdint>
#include <string>

#include "gold/gold.h"

namespace lode::node {

class Engine;

std::string status_of(const Engine& engine, const gold::Gold& gold, uint64_t dictionary_size, uint64_t ids,
                      uint64_t ruleset_hash);

}  // namespace lode::node
