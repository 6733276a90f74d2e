// Silver's tables: its parts of the state, and the rows in them. Orders lie as they were first bought in one
// table of packed rows; an order that is no longer so (revised, refunded, cancelled, or waiting for its
// purchase) has the head of its row in a second table, which wins. The lines of its purchase stay where they
// were written, in the first table or, a revision's, in a third: an amendment writes none of them again.
//
// Threads and lock as in store/state.h: reads with the state's mutex held, shared at least; changes by the
// apply thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "silver/counts.h"
#include "silver/order.h"
#include "silver/order_row.h"
#include "silver/quality.h"
#include "silver/row_digests.h"
#include "silver/rows.h"
#include "silver/table_digests.h"
#include "store/dictionary.h"
#include "store/hash_index.h"
#include "store/keyed_table.h"
#include "store/row_table.h"
#include "store/state.h"

namespace lode::silver {

class Tables {
 public:
  explicit Tables(store::Hasher hasher);

  std::vector<store::Part*> parts();
  store::HashIndex& order_index() { return order_index_; }

  store::Dictionary& dictionary() { return dictionary_; }
  const store::Dictionary& dictionary() const { return dictionary_; }
  Quality& quality() { return quality_; }
  const Quality& quality() const { return quality_; }
  // Orders of a customer; order lines that name a sku.
  const Counts& counts() const { return counts_; }

  // Orders, by row number: the offset of the first record that was not refused.
  std::optional<uint64_t> find_order(std::string_view order_id) const {
    return find_order(hash_order(order_id));
  }
  // The same by the id's hash, for who needs it more than once.
  store::Hash96 hash_order(std::string_view order_id) const { return hasher_(order_id); }
  std::optional<uint64_t> find_order(const store::Hash96& order) const;
  void prefetch_order(const store::Hash96& order) const { order_index_.prefetch(order); }
  // The packed state, for unpack_order; false: no such row, or nothing is left in it.
  bool get_order(uint64_t row, std::string& bytes) const;
  // The same in two steps: what begins with the order's head, then the lines behind it unless they are there.
  bool get_order_head(uint64_t row, std::string& bytes) const;
  void complete_order(uint64_t row, std::string& bytes) const;
  // The row as it was first written, by an order that began with a purchase: its lines stay there when a
  // revision takes their place.
  bool get_bought(uint64_t row, std::string& bytes) const { return orders_.get(row, bytes); }
  // Rows in [from, to), ascending, until `visit` says false. Orders that wait are among them.
  void scan_orders(uint64_t from, uint64_t to,
                   const std::function<bool(uint64_t row, std::string_view bytes)>& visit) const;
  // A new order, with one record.
  void add_order(const store::Hash96& order, const OrderState& state);
  // `gone`, `come`: records that are no more, or no more as they were, and the new ones, in `after`. Those
  // that stay were not touched: their lines are not looked at.
  void change_order(const OrderState& after, std::span<const OrderRecord* const> gone,
                    std::span<const OrderRecord* const> come);
  uint64_t packed_bytes() const { return packed_bytes_; }  // of orders, since the start
  void prefetch_number(uint32_t number) const {
    counts_.prefetch(number);
    row_digests_.prefetch(number);
  }
  void count_order(uint32_t customer);
  void count_line(uint32_t sku);

  std::optional<CustomerRow> get_customer(uint32_t number) const;
  std::optional<ProductRow> get_product(uint32_t sku) const;
  std::optional<QuarantineRow> get_quarantined(uint64_t offset) const;
  // `before`: the row that is replaced or removed, as get_… gave it; nothing for a new one.
  void put_customer(uint32_t number, const std::optional<CustomerRow>& before, const CustomerRow& row);
  void put_product(uint32_t sku, const std::optional<ProductRow>& before, const ProductRow& row);
  void put_quarantined(uint64_t offset, const std::optional<QuarantineRow>& before, const QuarantineRow& row);
  void remove_quarantined(uint64_t offset, const QuarantineRow& before);
  // From `from` on, ascending, until `visit` says false.
  void scan_quarantined(uint64_t from,
                        const std::function<bool(uint64_t offset, const QuarantineRow& row)>& visit) const;

  // Retries, for the history of a quarantined record: which one, by which record, and what became of it. Not
  // part of the digests: no row is made of them.
  void note_retry(uint64_t retried, uint64_t retry, RetryOutcome outcome);
  // Of records from `from` on, ascending by what they retry, until `visit` says false.
  void scan_retries(
      uint64_t from,
      const std::function<bool(uint64_t retried, uint64_t retry, const RetryOutcome& outcome)>& visit) const;

  // The tables' digests: as kept up to date with every change, and from all rows again (seconds for a big
  // state) with texts that were just read. Equal, or the state is damaged.
  std::vector<store::NamedDigest> digests() const;
  std::vector<store::NamedDigest> scan_digests(const store::TextHashes& texts) const;

 private:
  store::Hasher hasher_;
  store::Dictionary dictionary_;
  store::HashIndex order_index_;
  store::RowTable orders_;
  store::KeyedTable changed_orders_;  // heads
  store::KeyedTable revised_lines_;   // by the offset of the revision
  store::KeyedTable customers_;
  store::KeyedTable products_;
  store::KeyedTable quarantine_;
  store::KeyedTable retries_;
  Counts counts_;
  Quality quality_;
  TableDigests digests_;
  RowDigests row_digests_;
  std::string bytes_;  // of the row at hand
  uint64_t packed_bytes_ = 0;
};

}  // namespace lode::silver
