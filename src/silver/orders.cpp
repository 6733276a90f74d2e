#include "silver/orders.h"

#include <algorithm>

namespace lode::silver {

using event::EventType;

namespace {

// Every further record of an order reads, folds and writes all of them again; no real order comes near these.
constexpr size_t kMaxRecords = 1000;
constexpr size_t kMaxFurtherLines = 20'000;  // of all records but the purchase that counts
constexpr size_t kMaxRowBytes = 16 << 20;    // products' descriptions make lines long

// Whether the event is too much for the order. What an order is never fails by it: its first purchase and its
// cancellation.
bool is_full(const OrderState& state, size_t row_bytes, const Outcome& outcome, const event::Event& event) {
  if (event.type == EventType::purchase && outcome.status == OrderStatus::waiting) return false;
  if (event.type == EventType::cancellation && outcome.status == OrderStatus::open) return false;
  // A revision takes the place of the lines that it replaces, a retry that of what it retries.
  size_t records = 0, lines = event.type == EventType::purchase ? 0 : event.line_count;
  for (size_t i = 0; i < state.records.size(); ++i) {
    if (state.records[i].offset == static_cast<uint64_t>(event.retry_of)) continue;
    ++records;
    if (static_cast<int>(i) != outcome.purchase) lines += state.records[i].lines.size();
  }
  return records >= kMaxRecords || lines > kMaxFurtherLines || row_bytes > kMaxRowBytes;
}

}  // namespace

using store::Domain;

Orders::Orders(const Settings& settings, const Cleaner& cleaner, Tables& tables, Interner& intern,
               FactSink& facts)
    : settings_(settings), cleaner_(cleaner), tables_(tables), intern_(intern), facts_(facts) {}

std::optional<Rule> Orders::apply(const event::Event& event, const CleanEvent& clean, uint64_t offset,
                                  RuleCounts& counts) {
  counts_ = &counts;
  descriptions_.clear();
  store::Hash96 order = tables_.hash_order(event.order_id);
  auto row = tables_.find_order(order);
  for (Rule rule : {Rule::duplicate_order, Rule::refund_exceeds_order, Rule::unknown_order,
                    Rule::order_cancelled, Rule::too_many_records}) {
    ++counts[static_cast<size_t>(rule)].seen;
  }
  return row ? amend(event, clean, offset, *row) : begin(event, clean, offset, order);
}

std::optional<Rule> Orders::begin(const event::Event& event, const CleanEvent& clean, uint64_t offset,
                                  const store::Hash96& order) {
  bool purchase = event.type == EventType::purchase;
  if (!purchase && event.retry_of >= 0) return Rule::unknown_order;
  fresh_.row = offset;
  fresh_.order_id = event.order_id;
  fresh_.records.resize(1);
  OrderRecord& record = fresh_.records[0];
  fill_order(event, clean, offset, record);
  if (purchase) fill_purchase(event, clean, 0, record);
  tables_.add_order(order, fresh_);
  if (!purchase) return Rule::unknown_order;
  count_order(record, true);
  fold(fresh_, outcome_);
  facts_.book(outcome_.facts, 1);
  return std::nullopt;
}

std::optional<Rule> Orders::amend(const event::Event& event, const CleanEvent& clean, uint64_t offset,
                                  uint64_t row) {
  std::string before_bytes;
  OrderState before{row, event.order_id, {}};
  if (tables_.get_order(row, before_bytes)) before = unpack_order(row, before_bytes);
  fold(before, outcome_before_);
  if (is_full(before, before_bytes.size(), outcome_before_, event)) return Rule::too_many_records;

  OrderState after = before;
  if (event.retry_of >= 0) {
    std::erase_if(after.records,
                  [&](const OrderRecord& r) { return r.offset == static_cast<uint64_t>(event.retry_of); });
  }
  after.records.emplace_back();
  fill_order(event, clean, offset, after.records.back());
  fold(after, outcome_);
  // A purchase's verdict does not depend on its lines; one that is refused must not give numbers to texts.
  if (event.type == EventType::purchase && !outcome_.verdicts.back()) {
    auto first = static_cast<size_t>(outcome_.first_purchase);
    bool is_first = first + 1 == after.records.size();
    fill_purchase(event, clean, is_first ? 0 : after.records[first].customer_type, after.records.back());
    if (!is_first) after.records.back().rules &= ~bit(Rule::derived_customer_type);
    count_order(after.records.back(), is_first);
    if (!is_first) after.records[static_cast<size_t>(outcome_before_.purchase)].lines.clear();
    fold(after, outcome_);
  }
  std::optional<Rule> rule = outcome_.verdicts.back();
  bool waits = rule == Rule::unknown_order || rule == Rule::refund_exceeds_order;
  if (rule && (!waits || event.retry_of >= 0)) return rule;

  settle_quarantine(after, outcome_, before, outcome_before_);
  if (!rule) {
    if (!outcome_before_.facts.empty()) facts_.book(outcome_before_.facts, -1);
    if (!outcome_.facts.empty()) facts_.book(outcome_.facts, 1);
  }
  tables_.change_order(before, after);
  return rule;
}

void Orders::fill_order(const event::Event& event, const CleanEvent& clean, uint64_t offset,
                        OrderRecord& record) {
  record.type = event.type;
  record.offset = offset;
  record.occurred_at = event.occurred_at;
  record.revision = event.revision;
  record.source = intern_(Domain::source, event.source);
  record.rules = clean.rules;
  record.lines.clear();
  if (event.type == EventType::purchase) {
    record.event_id = {};
    return;
  }
  record.event_id = event.event_id;
  for (const CleanLine& line : clean.lines) fill_line(line, false, record.lines.emplace_back());
}

void Orders::fill_purchase(const event::Event& event, const CleanEvent& clean, uint32_t kept_type,
                           OrderRecord& record) {
  record.currency = clean.currency;
  record.channel = intern_(Domain::channel, event.channel);
  record.customer = intern_(Domain::customer, event.customer.id);
  tables_.prefetch_customer(record.customer);
  bool known = record.customer != 0 && tables_.counts().has_row(record.customer);
  bool asks = known && (clean.country == 0 || (event.customer.type.empty() && kept_type == 0));
  std::optional<CustomerRow> crm = asks ? tables_.get_customer(record.customer) : std::nullopt;

  record.country = clean.country;
  if (clean.country == 0) {
    record.country = kUnknownCountry;
    if (looks(Rule::customer_country) && crm && crm->country.offset >= 0) {
      record.country = crm->country.value;
      changed(Rule::customer_country, record.rules);
    }
  }
  record.customer_type = kept_type ? kept_type : type_of(event, record.customer, crm, record.rules);
  for (const CleanLine& line : clean.lines) fill_line(line, true, record.lines.emplace_back());
}

uint32_t Orders::type_of(const event::Event& event, uint32_t customer, const std::optional<CustomerRow>& crm,
                         RuleSet& rules) {
  if (looks(Rule::anonymous_customer) && customer == 0) {
    changed(Rule::anonymous_customer, rules);
    return intern_(Domain::customer_type, "anonymous");
  }
  if (!event.customer.type.empty()) return intern_(Domain::customer_type, event.customer.type);
  if (crm && crm->type.offset >= 0) return crm->type.value;
  if (customer == 0 || !looks(Rule::derived_customer_type)) return 0;
  changed(Rule::derived_customer_type, rules);
  uint32_t orders = tables_.counts().get(customer);
  bool loyal = orders >= settings_.loyal_from, returning = orders >= settings_.returning_from;
  return intern_(Domain::customer_type, loyal ? "loyal" : returning ? "returning" : "new");
}

void Orders::fill_line(const CleanLine& clean, bool purchase, OrderLine& line) {
  line.sku = intern_(Domain::sku, clean.sku);
  line.quantity = clean.quantity;
  line.has_unit_price = clean.has_unit_price;
  line.unit_price = clean.unit_price;
  line.rules = clean.rules;
  line.fee = clean.fee;
  if (!purchase) return;
  line.category = intern_(Domain::category, clean.category);
  line.discount = clean.discount;
  line.description = clean.description;
  if (!looks(Rule::product_description) || !line.description.empty()) return;
  if (!tables_.counts().has_row(line.sku)) return;
  auto product = tables_.get_product(line.sku);
  if (!product || product->description.value.empty()) return;
  line.description = descriptions_.emplace_back(std::move(product->description.value));
  changed(Rule::product_description, line.rules);
}

void Orders::count_order(const OrderRecord& record, bool first) {
  if (first && record.customer != 0) tables_.count_order(record.customer);
  for (const OrderLine& line : record.lines) tables_.count_line(line.sku);
}

void Orders::settle_quarantine(const OrderState& state, const Outcome& outcome, const OrderState& before,
                               const Outcome& outcome_before) {
  // The new record is the last one; its quarantine is the caller's. The others keep their order.
  for (size_t i = 0, j = 0; i + 1 < state.records.size(); ++i, ++j) {
    const OrderRecord& record = state.records[i];
    while (before.records[j].offset != record.offset) ++j;
    const std::optional<Rule>& now = outcome.verdicts[i];
    if (now == outcome_before.verdicts[j]) continue;
    std::optional<QuarantineRow> quarantined = tables_.get_quarantined(record.offset);
    if (!now) {
      if (quarantined) tables_.remove_quarantined(record.offset, *quarantined);
      continue;
    }
    QuarantineRow row = quarantined.value_or(QuarantineRow{});
    row.rule = *now;
    row.type = record.type;
    row.occurred_at = record.occurred_at;
    row.source = record.source;
    row.event_id = record.event_id;
    row.order_id = state.order_id;
    tables_.put_quarantined(record.offset, quarantined, row);
    std::string source = tables_.dictionary().text(record.source);
    ++tables_.quality().of(source)[static_cast<size_t>(*now)].quarantined;
  }
}

void Orders::forget(std::string_view order_id, uint64_t offset) {
  auto row = tables_.find_order(order_id);
  std::string bytes;
  if (!row || !tables_.get_order(*row, bytes)) return;
  OrderState before = unpack_order(*row, bytes);
  OrderState after = before;
  if (std::erase_if(after.records, [&](const OrderRecord& r) { return r.offset == offset; }) == 0) return;
  tables_.change_order(before, after);
}

bool Orders::looks(Rule rule) {
  if (!cleaner_.is_on(rule)) return false;
  ++(*counts_)[static_cast<size_t>(rule)].seen;
  return true;
}

void Orders::changed(Rule rule, RuleSet& rules) {
  ++(*counts_)[static_cast<size_t>(rule)].changed;
  rules |= bit(rule);
}

}  // namespace lode::silver
