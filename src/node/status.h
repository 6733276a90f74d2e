// What GET /v1/status and `lodectl status` show of a node.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gold/view.h"
#include "materialize/succession.h"
#include "record/types.h"

namespace lode::node {

class Engine;

// Of one generation: what is read under its state's mutex.
struct NodeFacts {
  struct ViewFacts {
    const gold::View* view;
    record::LastChange last_change;
  };
  const materialize::Generation* generation = nullptr;
  uint64_t cluster_id = 0;
  uint64_t configured_hash = 0;  // of the ruleset in the configuration files, which may hold nothing
  uint64_t level = 0;
  std::optional<materialize::BuildStatus> build;
  uint64_t dictionary_size = 0, ids = 0;
  std::vector<ViewFacts> views;
  materialize::StateHash state_hash;
};

// Takes the state's mutex: not to be called with it held.
std::string status_of(const Engine& engine, const NodeFacts& facts);

}  // namespace lode::node
