// What silver's rows come to in its tables' digests: their content by texts, not by dictionary numbers. An
// order counts in two tables, with its records and with its lines, each record by itself.
#pragma once

#include <cstdint>
#include <vector>

#include "silver/order.h"
#include "silver/quality.h"
#include "silver/rows.h"
#include "store/digest.h"
#include "store/text_hashes.h"

namespace lode::silver {

struct OrderDigest {
  store::Digest order;
  store::Digest lines;
};

// One thread.
class RowDigests {
 public:
  explicit RowDigests(const store::TextHashes& texts) : texts_(texts) {}

  void prefetch(uint32_t number) const { texts_.prefetch(number); }
  // Of one of its records, alone: an order counts as the sum of them.
  OrderDigest of(const OrderState& order, const OrderRecord& record);
  store::Digest of_customer(uint32_t number, const CustomerRow& row);
  store::Digest of_product(uint32_t sku, const ProductRow& row);
  store::Digest of_quarantined(uint64_t offset, const QuarantineRow& row);
  // A customer counts once more for each of its orders, a product once when the first order line names it.
  store::Digest of_placed_order(uint32_t customer);
  store::Digest of_named(uint32_t sku);
  store::Digest of_quality(std::string_view source, const RuleCounts& counts);

 private:
  // A row of at most so many words.
  void begin(size_t words) {
    if (words_.size() < words) words_.resize(words);
    next_ = words_.data();
  }
  void add(uint64_t word) { *next_++ = word; }
  store::Digest finish(uint64_t table) const { return store::row_digest(table, {words_.data(), next_}); }
  void add_record(const OrderRecord& record);
  void add_line(const OrderLine& line);
  template <typename T>
  void add_said(const Said<T>& said, uint64_t value);

  const store::TextHashes& texts_;
  std::vector<uint64_t> words_;
  std::string_view description_;  // of the line before
  uint64_t description_digest_ = 0;
  uint64_t* next_ = nullptr;
};

}  // namespace lode::silver
