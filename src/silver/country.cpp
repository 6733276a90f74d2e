#include "silver/country.h"

#include <absl/container/flat_hash_map.h>
#include <xxhash.h>

#include <stdexcept>

#include "silver/clean.h"
#include "silver/iso_tables.h"

namespace lode::silver {

namespace {

// What people write and the standard does not list.
constexpr CountryName kAliases[] = {
    {"america", "US"},
    {"bosnia", "BA"},
    {"brasil", "BR"},
    {"burma", "MM"},
    {"cape verde", "CV"},
    {"congo-brazzaville", "CG"},
    {"congo-kinshasa", "CD"},
    {"czech republic", "CZ"},
    {"democratic republic of the congo", "CD"},
    {"deutschland", "DE"},
    {"drc", "CD"},
    {"east timor", "TL"},
    {"eire", "IE"},
    {"england", "GB"},
    {"espana", "ES"},
    {"españa", "ES"},
    {"great britain", "GB"},
    {"holland", "NL"},
    {"hong kong sar", "HK"},
    {"hong kong sar china", "HK"},
    {"italia", "IT"},
    {"ivory coast", "CI"},
    {"korea", "KR"},
    {"ksa", "SA"},
    {"macau", "MO"},
    {"macedonia", "MK"},
    {"mainland china", "CN"},
    {"northern ireland", "GB"},
    {"palestine", "PS"},
    {"prc", "CN"},
    {"republic of ireland", "IE"},
    {"rsa", "ZA"},
    {"russia", "RU"},
    {"scotland", "GB"},
    {"swaziland", "SZ"},
    {"the gambia", "GM"},
    {"the netherlands", "NL"},
    {"turkey", "TR"},
    {"turkiye", "TR"},
    {"u.a.e.", "AE"},
    {"u.k.", "GB"},
    {"u.s.", "US"},
    {"u.s.a.", "US"},
    {"uae", "AE"},
    {"uk", "GB"},
    {"united states of america", "US"},
    {"vatican", "VA"},
    {"vatican city", "VA"},
    {"wales", "GB"},
};

using Table = absl::flat_hash_map<std::string, uint32_t>;

Table built_in() {
  Table table;
  for (const CountryName& alias : kAliases) table.emplace(alias.name, code_of(alias.alpha_2, 2));
  for (const CountryCode& code : kCountryCodes) {
    table.emplace(lower_ascii(code.alpha_2), code_of(code.alpha_2, 2));
    table.emplace(lower_ascii(code.alpha_3), code_of(code.alpha_2, 2));
  }
  for (const CountryName& name : kCountryNames) table.emplace(name.name, code_of(name.alpha_2, 2));
  return table;
}

}  // namespace

struct Countries::Impl {
  Table names = built_in();
};

Countries::Countries(const std::map<std::string, std::string>& aliases) {
  auto impl = std::make_unique<Impl>();
  Table codes;
  for (const CountryCode& code : kCountryCodes) {
    codes[lower_ascii(code.alpha_2)] = codes[lower_ascii(code.alpha_3)] = code_of(code.alpha_2, 2);
  }
  codes["zz"] = kUnknownCountry;
  for (const auto& [name, code] : aliases) {
    auto found = codes.find(lower_ascii(code));
    if (found == codes.end()) {
      throw std::invalid_argument("silver.country_aliases: '" + name + "' = '" + code +
                                  "' is no ISO 3166-1 code; write two letters such as GB");
    }
    std::string key = name;
    collapse_space(name, key);
    impl->names[lower_ascii(key)] = found->second;
  }
  impl_ = std::move(impl);
}

Countries::~Countries() = default;

uint32_t Countries::find(std::string_view name) const {
  auto found = impl_->names.find(lower_ascii(name));
  return found == impl_->names.end() ? 0 : found->second;
}

uint32_t Countries::find_code(std::string_view code) const {
  if (code.size() != 2) return 0;
  uint32_t number = code_of(code.data(), 2);
  for (const CountryCode& known : kCountryCodes) {
    if (number == code_of(known.alpha_2, 2)) return number;
  }
  return 0;
}

uint64_t country_tables_hash() {
  uint64_t hash = 0;
  auto add = [&](std::string_view text) { hash = XXH3_64bits_withSeed(text.data(), text.size(), hash); };
  for (const CountryName& alias : kAliases) add(alias.name), add(alias.alpha_2);
  for (const CountryCode& code : kCountryCodes) add(code.alpha_2), add(code.alpha_3);
  for (const CountryName& name : kCountryNames) add(name.name), add(name.alpha_2);
  for (const char* currency : kCurrencyCodes) add(currency);
  return hash;
}

}  // namespace lode::silver
