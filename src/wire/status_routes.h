// Status, probes, metrics, the description and the dashboard. Loop thread.
#pragma once

#include <memory>

#include "wire/exchange.h"
#include "wire/site.h"

namespace lode::wire {

void get_status(const std::shared_ptr<Site>& site, ExchangePtr exchange);
void get_livez(const std::shared_ptr<Site>& site, ExchangePtr exchange);
void get_readyz(const std::shared_ptr<Site>& site, ExchangePtr exchange);
void get_metrics(const std::shared_ptr<Site>& site, ExchangePtr exchange);
void get_openapi(const std::shared_ptr<Site>& site, ExchangePtr exchange);
void get_dashboard(const std::shared_ptr<Site>& site, ExchangePtr exchange);

}  // namespace lode::wire
