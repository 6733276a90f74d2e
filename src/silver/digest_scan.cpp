// The digests of silver's tables, and the same from all rows.
#include <limits>

#include "silver/tables.h"

namespace lode::silver {

namespace {

using store::Digest;

Digest quality_digest(const Quality& quality, RowDigests& rows) {
  Digest sum;
  for (const auto& [source, counts] : quality.all()) sum += rows.of_quality(source, counts);
  return sum;
}

std::vector<store::NamedDigest> named(const TableDigests& digests, Digest quality) {
  return {{"orders", digests.orders},         {"order_lines", digests.order_lines},
          {"customers", digests.customers},   {"products", digests.products},
          {"quarantine", digests.quarantine}, {"quality", quality}};
}

}  // namespace

std::vector<store::NamedDigest> Tables::digests() const {
  RowDigests rows(dictionary_.text_hashes());
  return named(digests_, quality_digest(quality_, rows));
}

std::vector<store::NamedDigest> Tables::scan_digests(const store::TextHashes& texts) const {
  RowDigests rows(texts);
  TableDigests sums;
  scan_orders(0, std::numeric_limits<uint64_t>::max(), [&](uint64_t row, std::string_view bytes) {
    OrderState order = unpack_order(row, bytes);
    for (const OrderRecord& record : order.records) {
      OrderDigest digest = rows.of(order, record);
      sums.orders += digest.order;
      sums.order_lines += digest.lines;
    }
    return true;
  });
  customers_.scan({}, {}, [&](std::string_view key, std::string_view bytes) {
    auto number = static_cast<uint32_t>(store::number_of(key));
    sums.customers += rows.of_customer(number, unpack_customer(bytes));
    return true;
  });
  products_.scan({}, {}, [&](std::string_view key, std::string_view bytes) {
    auto number = static_cast<uint32_t>(store::number_of(key));
    sums.products += rows.of_product(number, unpack_product(bytes));
    return true;
  });
  dictionary_.scan(store::Domain::customer, 0, [&](uint32_t number, std::string_view) {
    sums.customers.sum += rows.of_placed_order(number).sum * counts_.get(number);
    return true;
  });
  dictionary_.scan(store::Domain::sku, 0, [&](uint32_t number, std::string_view) {
    if (counts_.get(number) > 0) sums.products += rows.of_named(number);
    return true;
  });
  scan_quarantined(0, [&](uint64_t offset, const QuarantineRow& row) {
    sums.quarantine += rows.of_quarantined(offset, row);
    return true;
  });
  return named(sums, quality_digest(quality_, rows));
}

}  // namespace lode::silver
