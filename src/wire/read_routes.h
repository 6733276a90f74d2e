// The reads of contract section 7. Loop thread; each answers its exchange.
#pragma once

#include <memory>

#include "wire/exchange.h"
#include "wire/site.h"

namespace lode::wire {

void get_gold(const std::shared_ptr<Site>& site, ExchangePtr exchange);
void explain_gold(const std::shared_ptr<Site>& site, ExchangePtr exchange);
void get_silver(const std::shared_ptr<Site>& site, ExchangePtr exchange);
void get_silver_row(const std::shared_ptr<Site>& site, ExchangePtr exchange);
void get_order_line(const std::shared_ptr<Site>& site, ExchangePtr exchange);
void get_quarantine(const std::shared_ptr<Site>& site, ExchangePtr exchange);
void get_quarantined(const std::shared_ptr<Site>& site, ExchangePtr exchange);
void get_quality(const std::shared_ptr<Site>& site, ExchangePtr exchange);
void get_log(const std::shared_ptr<Site>& site, ExchangePtr exchange);
void get_log_record(const std::shared_ptr<Site>& site, ExchangePtr exchange);

// The offset a path names. Nothing: no whole number.
bool parse_offset(const std::string& text, uint64_t& offset);

}  // namespace lode::wire
