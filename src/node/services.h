// What the sockets are served with: the engine's parts as wire/ wants them.
#pragma once

#include "event/mapping.h"
#include "node/engine.h"
#include "wire/services.h"

namespace lode::node {

using Mappings = std::map<std::string, event::Mapping, std::less<>>;

// All of it outlives the services.
wire::Services services_of(Engine& engine, const Mappings& mappings, const env::Clock& clock);

}  // namespace lode::node
