#include <xxhash.h>

#include "silver/country.h"
#include "silver/silver.h"
#include "store/bytes.h"

namespace lode::silver {

uint64_t Settings::hash() const {
  std::string bytes;
  store::Packer out(bytes);
  out.number(fee_skus.size());
  for (const std::string& sku : fee_skus) out.text(sku);
  out.number(country_aliases.size());
  for (const auto& [name, code] : country_aliases) {
    out.text(name);
    out.text(code);
  }
  out.number(switched_off);
  out.number(returning_from);
  out.number(loyal_from);
  out.signed_number(earliest_micros);
  out.signed_number(latest_after_receive_micros);
  out.number(country_tables_hash());
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace lode::silver
