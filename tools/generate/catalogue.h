// The shop's products and customers, each a pure function of the seed and its number: nothing is stored.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "generate/market.h"

namespace lode::generate {

struct Product {
  std::string sku;  // upper case, as it is after cleaning
  std::string description;
  std::string_view category;
  int64_t price_cents;  // in GBP; Country::price_percent makes it another currency's
};
Product product(uint64_t seed, uint32_t number);

struct Buyer {
  std::string id;
  const Country* country;
  bool wholesale;
  bool has_contact;         // sends e-mail and name along
  std::string name, email;  // made up; the domain is reserved for examples
};
Buyer buyer(uint64_t seed, uint32_t number);

}  // namespace lode::generate
