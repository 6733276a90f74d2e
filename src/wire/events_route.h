// POST /v1/events: a body becomes an EventBatch, ingest answers it.
#pragma once

#include "event/event.h"
#include "wire/exchange.h"
#include "wire/site.h"

namespace lode::wire {

void post_events(const std::shared_ptr<Site>& site, ExchangePtr exchange);

}  // namespace lode::wire
