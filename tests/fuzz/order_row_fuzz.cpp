// Any bytes as an order's row: an order that packs to a row of the same order, or store::Damaged.
#include <cstdint>
#include <string>

#include "event_invariants.h"
#include "silver/order_row.h"
#include "store/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lode;
  try {
    const auto order = silver::unpack_order(7, {reinterpret_cast<const char*>(data), size});
    std::string packed, again;
    silver::pack(order, packed);
    silver::pack(silver::unpack_order(7, packed), again);
    fuzz::require(packed == again, "an order has one row");
  } catch (const store::Damaged&) {
  }
  return 0;
}
