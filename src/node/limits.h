// What one event and one request may be, as the configuration says.
#pragma once

#include "event/event.h"
#include "node/config.h"

namespace lode::node {

event::Limits limits_of(const Config& config);

}  // namespace lode::node
