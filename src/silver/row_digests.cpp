#include "silver/row_digests.h"

namespace lode::silver {

namespace {

// Stable: digests of different nodes are compared.
enum Table : uint64_t {
  kOrders = 1,
  kOrderLines = 2,
  kCustomers = 3,
  kProducts = 4,
  kQuarantine = 5,
  kQuality = 6,
  kPlacedOrder = 7,
  kNamed = 8
};

uint64_t word_of(int64_t number) { return static_cast<uint64_t>(number); }

}  // namespace

OrderDigest RowDigests::of(const OrderState& order, const OrderRecord& record) {
  OrderDigest digest;
  begin(2 + 10);
  add(order.row);
  add(store::text_digest(order.order_id));
  add_record(record);
  digest.order = finish(kOrders);
  begin(2 + 6 * record.lines.size());
  add(record.offset);
  add(record.lines.size());
  description_ = {};
  for (const OrderLine& line : record.lines) add_line(line);
  digest.lines = finish(kOrderLines);
  return digest;
}

void RowDigests::add_record(const OrderRecord& record) {
  add(uint64_t{record.rules} << 8 | static_cast<uint64_t>(record.type));
  add(record.offset);
  add(word_of(record.occurred_at.value));
  add(texts_[record.source]);
  add(store::text_digest(record.event_id));
  if (record.type != event::EventType::purchase) return;
  add(word_of(record.revision));
  add(uint64_t{record.country} << 32 | record.currency);
  add(texts_[record.customer]);
  add(texts_[record.customer_type]);
  add(texts_[record.channel]);
}

void RowDigests::add_line(const OrderLine& line) {
  add(texts_[line.sku]);
  add(texts_[line.category]);
  // Lines with one product's description share its bytes.
  if (line.description.data() != description_.data() || line.description.size() != description_.size()) {
    description_ = line.description;
    description_digest_ = store::text_digest(line.description);
  }
  add(description_.empty() ? 0 : description_digest_);
  add(uint64_t{static_cast<uint32_t>(line.quantity)} << 32 | uint64_t{line.rules} << 2 |
      uint64_t{line.fee} << 1 | uint64_t{line.has_unit_price});
  add(line.has_unit_price ? word_of(line.unit_price) : 0);
  add(word_of(line.discount));
}
static_assert(kRuleNumbers <= 30, "a line's rules and flags share 32 bits");

template <typename T>
void RowDigests::add_said(const Said<T>& said, uint64_t value) {
  add(word_of(said.offset));
  if (said.offset < 0) return;
  add(word_of(said.at.value));
  add(value);
}

store::Digest RowDigests::of_customer(uint32_t number, const CustomerRow& row) {
  begin(2 + 4 * 3);
  add(texts_[number]);
  add(row.rules);
  add_said(row.type, texts_[row.type.value]);
  add_said(row.country, row.country.value);
  add_said(row.source, texts_[row.source.value]);
  add_said(row.contact, row.contact.value);
  return finish(kCustomers);
}

store::Digest RowDigests::of_product(uint32_t sku, const ProductRow& row) {
  begin(2 + 3 * 3);
  add(texts_[sku]);
  add(row.rules);
  add_said(row.description, store::text_digest(row.description.value));
  add_said(row.category, texts_[row.category.value]);
  add_said(row.source, texts_[row.source.value]);
  return finish(kProducts);
}

store::Digest RowDigests::of_quarantined(uint64_t offset, const QuarantineRow& row) {
  begin(6 + row.retries.size());
  add(offset);
  add(static_cast<uint64_t>(row.rule) << 16 | static_cast<uint64_t>(row.type) << 8 |
      (row.retry_rule ? static_cast<uint64_t>(*row.retry_rule) + 1 : 0));
  add(word_of(row.occurred_at.value));
  add(texts_[row.source]);
  add(store::text_digest(row.event_id));
  add(store::text_digest(row.order_id));
  for (uint64_t retry : row.retries) add(retry);
  return finish(kQuarantine);
}

store::Digest RowDigests::of_placed_order(uint32_t customer) {
  uint64_t word = texts_[customer];
  return store::row_digest(kPlacedOrder, {&word, 1});
}

store::Digest RowDigests::of_named(uint32_t sku) {
  uint64_t word = texts_[sku];
  return store::row_digest(kNamed, {&word, 1});
}

store::Digest RowDigests::of_quality(std::string_view source, const RuleCounts& counts) {
  begin(1 + 3 * counts.size());
  add(store::text_digest(source));
  for (const RuleCount& count : counts) {
    add(count.seen);
    add(count.changed);
    add(count.quarantined);
  }
  return finish(kQuality);
}

}  // namespace lode::silver
