// The body of POST /v1/events, by its Content-Type: JSON, NDJSON, CSV by a mapping, CloudEvents in three
// modes.
#pragma once

#include <optional>

#include "event/json.h"
#include "wire/message.h"
#include "wire/site.h"

namespace lode::wire {

// Fills `batch`, which keeps the body. An answer: 400, 413 or 415, and nothing was decoded.
std::optional<Response> decode_events(const Site& site, const Request& request, event::JsonDecoder& json,
                                      event::EventBatch& batch);

}  // namespace lode::wire
