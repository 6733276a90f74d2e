// What GET /metrics shows of the engine, in Prometheus text. Base units; no customer or product ever is a
// label.
#pragma once

#include <string>

namespace lode::node {

class Engine;

std::string metrics_of(const Engine& engine);

}  // namespace lode::node
