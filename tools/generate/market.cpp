#include "generate/market.h"

#include <array>

namespace lode::generate {
namespace {

constexpr std::array<Country, 15> kCountries = {{
    {"GB", "United Kingdom", "UK", "GBP", 100, 0, 20},
    {"US", "United States", "USA", "USD", 125, -300, 20},
    {"DE", "Germany", "germany", "EUR", 115, 60, 12},
    {"FR", "France", "FRANCE", "EUR", 115, 60, 9},
    {"CA", "Canada", "canada", "CAD", 170, -300, 8},
    {"NL", "Netherlands", " Netherlands ", "EUR", 115, 60, 5},
    {"IE", "Ireland", "EIRE", "EUR", 115, 0, 4},
    {"ES", "Spain", "SPAIN", "EUR", 115, 60, 4},
    {"IT", "Italy", "italy", "EUR", 115, 60, 4},
    {"MX", "Mexico", "mexico", "MXN", 2200, -360, 3},
    {"SE", "Sweden", "sweden", "SEK", 1300, 60, 3},
    {"CH", "Switzerland", "switzerland", "CHF", 120, 60, 3},
    {"PL", "Poland", "POLAND", "PLN", 500, 60, 2},
    {"DK", "Denmark", "denmark", "DKK", 860, 60, 2},
    {"NO", "Norway", "norway", "NOK", 1300, 60, 1},
}};

}  // namespace

std::span<const Country> countries() { return kCountries; }

const Country& country_at(uint32_t share) {
  for (const Country& country : kCountries) {
    if (share < country.weight) return country;
    share -= country.weight;
  }
  return kCountries.front();
}

}  // namespace lode::generate
