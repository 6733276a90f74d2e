// The countries in which the synthetic shop sells, and how people spell them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace lode::generate {

struct Country {
  std::string_view code;  // ISO 3166-1 alpha-2
  std::string_view name;
  std::string_view alias;     // another spelling that cleaning has to know
  std::string_view currency;  // ISO 4217
  int price_percent;          // prices in that currency, against the catalogue's
  int utc_minutes;            // offset of its winter time
  uint32_t weight;            // its share of orders, in hundredths
};

std::span<const Country> countries();  // 15 of them
// The country that owns hundredth `share` (0 to 99) of the orders.
const Country& country_at(uint32_t share);

}  // namespace lode::generate
