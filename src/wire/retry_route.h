// POST /v1/quarantine/{offset}/retry: the record again, as it is or corrected. A record of its own.
#pragma once

#include <memory>

#include "wire/exchange.h"
#include "wire/site.h"

namespace lode::wire {

void retry_quarantined(const std::shared_ptr<Site>& site, ExchangePtr exchange);

}  // namespace lode::wire
