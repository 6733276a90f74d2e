// What one event and one request may be, and how connections are served, as the configuration says.
#pragma once

#include "event/event.h"
#include "ingest/ingest.h"
#include "node/config.h"
#include "wire/services.h"

namespace lode::node {

event::Limits limits_of(const Config& config);
ingest::Settings ingest_settings(const Config& config);
wire::Settings wire_settings(const Config& config);

}  // namespace lode::node
