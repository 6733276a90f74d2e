// The body of a request that brings events, by its Content-Type: JSON, NDJSON, CSV by a mapping, CloudEvents
// in three modes.
#pragma once

#include <optional>

#include "event/event.h"
#include "wire/exchange.h"
#include "wire/site.h"

namespace lode::wire {

// Undoes the Content-Encoding and fills `batch`, which keeps the body. An answer: 400, 413, 415 or 503, and
// nothing was decoded. Loop thread.
std::optional<Response> decode_events(const Site& site, Exchange& exchange, event::EventBatch& batch);

}  // namespace lode::wire
