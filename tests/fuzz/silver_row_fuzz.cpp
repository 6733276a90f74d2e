// Any bytes as each row of silver's small tables: a row that packs to the same row again, of rules and types
// that there are, or store::Damaged.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "event_invariants.h"
#include "silver/rows.h"
#include "store/bytes.h"

namespace {

using namespace lode;

// The row, when the bytes are one.
template <typename Row>
void read(std::string_view bytes, Row (*unpack)(std::string_view), void (*check)(const Row&)) {
  try {
    const Row row = unpack(bytes);
    check(row);
    const std::string packed = pack(row);
    fuzz::require(pack(unpack(packed)) == packed, "a row has one form");
  } catch (const store::Damaged&) {
  }
}

bool is_rule(silver::Rule rule) {
  return std::find(silver::kRules.begin(), silver::kRules.end(), rule) != silver::kRules.end();
}

void check_quarantine(const silver::QuarantineRow& row) {
  fuzz::require(is_rule(row.rule) && (!row.retry_rule || is_rule(*row.retry_rule)), "a rule that there is");
  fuzz::require(row.type >= event::EventType::purchase && row.type <= event::EventType::product,
                "a type that there is");
  fuzz::require(row.retries.size() <= silver::QuarantineRow::kMaxRetries, "no more retries than are kept");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read<silver::CustomerRow>(bytes, silver::unpack_customer, [](const silver::CustomerRow&) {});
  read<silver::ProductRow>(bytes, silver::unpack_product, [](const silver::ProductRow&) {});
  read<silver::QuarantineRow>(bytes, silver::unpack_quarantine, check_quarantine);
  return 0;
}
