#include "silver/tables.h"

#include <algorithm>

namespace lode::silver {

Tables::Tables(store::Hasher hasher)
    : hasher_(hasher),
      dictionary_(hasher),
      order_index_("orders.index", false),
      orders_("orders"),
      changed_orders_("orders.changed"),
      revised_lines_("orders.revised"),
      customers_("customers"),
      products_("products"),
      quarantine_("quarantine"),
      retries_("quarantine.retries"),
      row_digests_(dictionary_.text_hashes()) {}

std::vector<store::Part*> Tables::parts() {
  return {&dictionary_, &order_index_, &orders_,  &changed_orders_, &revised_lines_, &customers_,
          &products_,   &quarantine_,  &retries_, &counts_,         &quality_,       &digests_};
}

std::optional<uint64_t> Tables::find_order(const store::Hash96& order) const {
  auto found = order_index_.find(order);
  if (!found) return std::nullopt;
  return found->offset;
}

bool Tables::get_order_head(uint64_t row, std::string& bytes) const {
  if (changed_orders_.get(store::key_of(row), bytes)) return !bytes.empty();
  return orders_.get(row, bytes);
}

void Tables::complete_order(uint64_t row, std::string& bytes) const {
  OrderHead head = read_head(row, bytes);
  if (!head.lines_elsewhere) return;
  std::string lines;
  size_t at = 0;
  bool found = true;
  if (head.purchase == row) {
    found = orders_.get(row, lines);
    if (found) at = read_head(row, lines).bytes;
  } else if (*head.lines_elsewhere > 0) {
    found = head.purchase && revised_lines_.get(store::key_of(*head.purchase), lines);
  }
  if (!found || lines.size() - at != *head.lines_elsewhere)
    throw store::Damaged("an order without the lines of its purchase");
  bytes.append(lines, at);
}

bool Tables::get_order(uint64_t row, std::string& bytes) const {
  if (!get_order_head(row, bytes)) return false;
  complete_order(row, bytes);
  return true;
}

void Tables::scan_orders(uint64_t from, uint64_t to,
                         const std::function<bool(uint64_t, std::string_view)>& visit) const {
  // Changed orders are few: they are read ahead in pages, and merged into the rows as bought.
  constexpr size_t kPage = 256;
  std::vector<std::pair<uint64_t, std::string>> changed;
  size_t next = 0;
  uint64_t read_from = from;
  bool more = true;
  auto fill = [&] {
    if (next < changed.size() || !more) return;
    changed.clear();
    next = 0;
    more = false;
    changed_orders_.scan(store::key_of(read_from), store::key_of(to),
                         [&](std::string_view key, std::string_view bytes) {
                           changed.emplace_back(store::number_of(key), bytes);
                           read_from = changed.back().first + 1;
                           more = changed.size() == kPage;
                           return !more;
                         });
  };
  bool going = true;
  // Visits changed rows below `row`.
  auto catch_up = [&](uint64_t row) {
    for (fill(); going && next < changed.size() && changed[next].first < row; fill()) {
      auto& [number, bytes] = changed[next++];
      if (bytes.empty()) continue;
      complete_order(number, bytes);
      going = visit(number, bytes);
    }
  };
  orders_.scan(from, to, [&](uint64_t row, std::string_view bytes) {
    catch_up(row);
    if (!going) return false;
    bool is_changed = next < changed.size() && changed[next].first == row;
    if (!is_changed) return going = visit(row, bytes);
    std::string& newest = changed[next++].second;
    if (newest.empty()) return true;
    OrderHead head = read_head(row, newest);
    if (head.purchase == row && head.lines_elsewhere) {
      newest.append(bytes.substr(read_head(row, bytes).bytes));
    } else {
      complete_order(row, newest);
    }
    return going = visit(row, newest);
  });
  catch_up(to);
}

void Tables::add_order(const store::Hash96& order, const OrderState& state) {
  OrderDigest digest = row_digests_.of(state, state.records[0]);
  digests_.orders += digest.order;
  digests_.order_lines += digest.lines;
  order_index_.insert(order, {state.row, 0});
  bytes_.clear();
  pack(state, bytes_);
  if (state.records[0].type == event::EventType::purchase) {
    orders_.append(state.row, bytes_);
  } else {
    changed_orders_.put(store::key_of(state.row), bytes_);
  }
  packed_bytes_ += bytes_.size();
}

void Tables::change_order(const OrderState& after, std::span<const OrderRecord* const> gone,
                          std::span<const OrderRecord* const> come) {
  for (const OrderRecord* record : gone) {
    OrderDigest digest = row_digests_.of(after, *record);
    digests_.orders -= digest.order;
    digests_.order_lines -= digest.lines;
    if (record->type == event::EventType::purchase && record->offset != after.row)
      revised_lines_.remove(store::key_of(record->offset));
  }
  uint64_t lines_bytes = after.lines_bytes;
  for (const OrderRecord* record : come) {
    OrderDigest digest = row_digests_.of(after, *record);
    digests_.orders += digest.order;
    digests_.order_lines += digest.lines;
    // A purchase that comes to an order that stands counts from now on, or it comes without lines.
    if (record->type != event::EventType::purchase || record->lines.empty()) continue;
    bytes_.clear();
    pack_lines(after, bytes_);
    lines_bytes = bytes_.size();
    packed_bytes_ += lines_bytes;
    revised_lines_.put(store::key_of(record->offset), bytes_);
  }
  bytes_.clear();
  pack_head(after, lines_bytes, bytes_);
  packed_bytes_ += bytes_.size();
  changed_orders_.put(store::key_of(after.row), bytes_);
}

void Tables::count_order(uint32_t customer) {
  counts_.add(customer);
  digests_.customers += row_digests_.of_placed_order(customer);
}

void Tables::count_line(uint32_t sku) {
  if (counts_.get(sku) == 0) digests_.products += row_digests_.of_named(sku);
  counts_.add(sku);
}

std::optional<CustomerRow> Tables::get_customer(uint32_t number) const {
  std::string bytes;
  if (!customers_.get(store::key_of(number), bytes)) return std::nullopt;
  return unpack_customer(bytes);
}

std::optional<ProductRow> Tables::get_product(uint32_t sku) const {
  std::string bytes;
  if (!products_.get(store::key_of(sku), bytes)) return std::nullopt;
  return unpack_product(bytes);
}

std::optional<QuarantineRow> Tables::get_quarantined(uint64_t offset) const {
  std::string bytes;
  if (!quarantine_.get(store::key_of(offset), bytes)) return std::nullopt;
  return unpack_quarantine(bytes);
}

void Tables::put_customer(uint32_t number, const std::optional<CustomerRow>& before, const CustomerRow& row) {
  if (before) digests_.customers -= row_digests_.of_customer(number, *before);
  digests_.customers += row_digests_.of_customer(number, row);
  counts_.mark_row(number);
  customers_.put(store::key_of(number), pack(row));
}

void Tables::put_product(uint32_t sku, const std::optional<ProductRow>& before, const ProductRow& row) {
  if (before) digests_.products -= row_digests_.of_product(sku, *before);
  digests_.products += row_digests_.of_product(sku, row);
  counts_.mark_row(sku);
  products_.put(store::key_of(sku), pack(row));
}

void Tables::put_quarantined(uint64_t offset, const std::optional<QuarantineRow>& before,
                             const QuarantineRow& row) {
  if (before) digests_.quarantine -= row_digests_.of_quarantined(offset, *before);
  digests_.quarantine += row_digests_.of_quarantined(offset, row);
  quarantine_.put(store::key_of(offset), pack(row));
}

void Tables::remove_quarantined(uint64_t offset, const QuarantineRow& before) {
  digests_.quarantine -= row_digests_.of_quarantined(offset, before);
  quarantine_.remove(store::key_of(offset));
}

void Tables::scan_quarantined(uint64_t from,
                              const std::function<bool(uint64_t, const QuarantineRow&)>& visit) const {
  quarantine_.scan(store::key_of(from), {}, [&](std::string_view key, std::string_view bytes) {
    return visit(store::number_of(key), unpack_quarantine(bytes));
  });
}

void Tables::note_retry(uint64_t retried, uint64_t retry, RetryOutcome outcome) {
  retries_.put(store::key_of(retried) + store::key_of(retry), pack(outcome));
}

void Tables::scan_retries(uint64_t from,
                          const std::function<bool(uint64_t, uint64_t, const RetryOutcome&)>& visit) const {
  retries_.scan(store::key_of(from), {}, [&](std::string_view key, std::string_view bytes) {
    return visit(store::number_of(key.substr(0, 8)), store::number_of(key.substr(8)), unpack_retry(bytes));
  });
}

}  // namespace lode::silver
