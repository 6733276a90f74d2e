// What the sockets are served with: the engine's parts as wire/ wants them.
#pragma once

#include "node/engine.h"
#include "node/mapping_shelf.h"
#include "wire/services.h"

namespace lode::node {

// All of it outlives the services.
wire::Services services_of(Engine& engine, const MappingShelf& mappings, const env::Clock& clock);

}  // namespace lode::node
