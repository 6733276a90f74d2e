#include "silver/currency.h"

#include <algorithm>
#include <vector>

#include "silver/iso_tables.h"

namespace lode::silver {

uint32_t currency_of(std::string_view code) {
  static const std::vector<uint32_t> known = [] {
    std::vector<uint32_t> codes;
    for (const char* letters : kCurrencyCodes) codes.push_back(code_of(letters, 3));
    std::sort(codes.begin(), codes.end());
    return codes;
  }();
  if (code.size() != 3) return 0;
  uint32_t number = code_of(code.data(), 3);
  return std::binary_search(known.begin(), known.end(), number) ? number : 0;
}

}  // namespace lode::silver
