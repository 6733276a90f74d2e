// GET /v1/log as server-sent events: records from an offset on, then live. Loop thread.
#pragma once

#include <memory>

#include "wire/exchange.h"
#include "wire/site.h"

namespace lode::wire {

void stream_log(const std::shared_ptr<Site>& site, ExchangePtr exchange);

}  // namespace lode::wire
