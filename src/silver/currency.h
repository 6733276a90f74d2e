// Currencies: which codes ISO 4217 has, and with how many decimals amounts are shown. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "silver/fact.h"

namespace lode::silver {

// The code as a number (code_of); 0 when ISO 4217 has no such code. Letters as they are: "gbp" is unknown.
uint32_t currency_of(std::string_view code);

// The inverse of code_of, for countries too: "GBP", "GB"; "" for 0.
inline std::string letters_of(uint32_t code) {
  std::string letters;
  for (int shift = 24; shift >= 0; shift -= 8) {
    if (char letter = static_cast<char>(code >> shift & 0xff)) letters.push_back(letter);
  }
  return letters;
}

// Decimals of the currency's minor unit.
inline int currency_digits(uint32_t code) {
  for (const char* none : {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
                           "VND", "VUV", "XAF", "XOF", "XPF"}) {
    if (code == code_of(none, 3)) return 0;
  }
  for (const char* three : {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}) {
    if (code == code_of(three, 3)) return 3;
  }
  return code == code_of("CLF", 3) || code == code_of("UYW", 3) ? 4 : 2;
}

}  // namespace lode::silver
