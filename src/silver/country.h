// Countries: a name, code or alias to ISO 3166-1 alpha-2. Immutable after it was made; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "silver/fact.h"

namespace lode::silver {

constexpr uint32_t kUnknownCountry = code_of("ZZ", 2);

class Countries {
 public:
  // `aliases`: name -> alpha-2 or alpha-3 code; they come before the built-in ones. A code that ISO does not
  // have throws std::invalid_argument.
  explicit Countries(const std::map<std::string, std::string>& aliases);
  ~Countries();

  // By alias, then code, then name; upper or lower case is the same for ASCII letters. `name` has its white
  // space collapsed already. 0: nobody knows it.
  uint32_t find(std::string_view name) const;
  // An alpha-2 code in capitals only; else 0.
  uint32_t find_code(std::string_view code) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

// Over the built-in names and aliases: part of the ruleset hash.
uint64_t country_tables_hash();

}  // namespace lode::silver
