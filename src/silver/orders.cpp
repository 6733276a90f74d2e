#include "silver/orders.h"

#include <algorithm>

namespace lode::silver {

using event::EventType;

namespace {

// Every further record of an order reads, folds and writes all of them again; no real order comes near these.
constexpr size_t kMaxRecords = 1000;
constexpr size_t kMaxFurtherLines = 20'000;  // of all records but the purchase that counts
constexpr size_t kMaxRefitted = 400'000;     // lines times records: a revision fits all refunds again
constexpr size_t kMaxRowBytes = 16 << 20;    // products' descriptions make lines long

// What refuses the event whatever the order's lines are, by the head of its row of so many bytes. What an
// order never fails by being full: its first purchase and its cancellation. A retry takes the place of what
// it retries, which is among the records: it is looked at with them.
std::optional<Rule> refuses(const OrderHead& head, uint64_t row_bytes, const event::Event& event) {
  bool purchase = event.type == EventType::purchase;
  if (purchase && head.status == OrderStatus::waiting) return std::nullopt;
  if (event.type == EventType::cancellation && head.status == OrderStatus::open) return std::nullopt;
  // A revision takes the place of the lines that it replaces.
  uint64_t lines = head.further_lines + (purchase ? 0 : event.line_count);
  if (head.records >= kMaxRecords || lines > kMaxFurtherLines || row_bytes > kMaxRowBytes)
    return Rule::too_many_records;
  if (event.type == EventType::cancellation) return std::nullopt;
  if (head.status == OrderStatus::cancelled) return Rule::order_cancelled;
  if (purchase && event.revision <= head.revision) return Rule::duplicate_order;
  if (purchase && head.records * head.further_lines > kMaxRefitted) return Rule::too_many_records;
  return std::nullopt;
}

bool is_retried(const OrderRecord& record, const event::Event& event) {
  return event.retry_of >= 0 && record.offset == static_cast<uint64_t>(event.retry_of);
}

// Such a rule leaves the event with its order; a retry stays where it is.
bool waits(Rule rule, const event::Event& event) {
  return event.retry_of < 0 && (rule == Rule::unknown_order || rule == Rule::refund_exceeds_order);
}

}  // namespace

using store::Domain;

Orders::Orders(const Settings& settings, const Cleaner& cleaner, Tables& tables, Interner& intern,
               FactSink& facts)
    : settings_(settings), cleaner_(cleaner), tables_(tables), intern_(intern), facts_(facts) {}

std::optional<Rule> Orders::apply(const event::Event& event, const CleanEvent& clean, const EventKeys& keys,
                                  uint64_t offset, RuleCounts& counts) {
  keys_ = &keys;
  counts_ = &counts;
  lines_handled_ += 1 + event.line_count;
  if (!descriptions_.empty()) descriptions_.clear();
  auto row = tables_.find_order(keys.order);
  for (Rule rule : {Rule::duplicate_order, Rule::refund_exceeds_order, Rule::unknown_order,
                    Rule::order_cancelled, Rule::too_many_records}) {
    ++counts[static_cast<size_t>(rule)].seen;
  }
  return row ? amend(event, clean, offset, *row) : begin(event, clean, offset);
}

std::optional<Rule> Orders::begin(const event::Event& event, const CleanEvent& clean, uint64_t offset) {
  bool purchase = event.type == EventType::purchase;
  if (!purchase && event.retry_of >= 0) return Rule::unknown_order;
  fresh_.row = offset;
  fresh_.order_id = event.order_id;
  fresh_.records.resize(1);
  OrderRecord& record = fresh_.records[0];
  fill_order(event, clean, offset, record);
  if (purchase) {
    fill_purchase(event, clean, 0, record);
    count_order(record, true);
    // Before the rows are written: their memory is far, and copies of facts that were just filled in wait for
    // all writes before them.
    fold(fresh_, outcome_);
    facts_.book(outcome_.facts, 1);
  }
  tables_.add_order(keys_->order, fresh_);
  return purchase ? std::nullopt : std::optional(Rule::unknown_order);
}

std::optional<Rule> Orders::amend(const event::Event& event, const CleanEvent& clean, uint64_t offset,
                                  uint64_t row) {
  OrderState state{row, event.order_id, {}};
  OrderHead head;
  if (tables_.get_order_head(row, bytes_)) {
    head = read_head(row, bytes_);
    bool retry = event.retry_of >= 0;
    std::optional<Rule> refused = refuses(head, bytes_.size() + head.lines_elsewhere.value_or(0), event);
    if (refused && !retry) return refused;
    tables_.complete_order(row, bytes_);
    state = unpack_order(row, bytes_);
    for (const OrderRecord& record : state.records) {
      lines_handled_ += 1 + record.lines.size();
      if (!is_retried(record, event)) continue;
      --head.records;
      head.further_lines -= record.lines.size();
    }
    if (retry) refused = refuses(head, bytes_.size(), event);
    if (refused) return refused;
  }
  bool appends = event.type == EventType::refund ||
                 (event.type == EventType::cancellation && head.status != OrderStatus::open);
  return appends ? append(event, clean, offset, state) : change(event, clean, offset, state);
}

std::optional<Rule> Orders::append(const event::Event& event, const CleanEvent& clean, uint64_t offset,
                                   OrderState& state) {
  std::optional<OrderRecord> retried;
  for (OrderRecord& record : state.records) {
    if (is_retried(record, event)) retried = std::move(record);
  }
  if (retried) std::erase_if(state.records, [&](const OrderRecord& r) { return is_retried(r, event); });
  fill_order(event, clean, offset, state.records.emplace_back());
  fold(state, outcome_);
  std::optional<Rule> rule = outcome_.verdicts.back();
  if (rule && !waits(*rule, event)) return rule;

  std::span<const Fact> facts(outcome_.facts);
  size_t before = outcome_.facts_before_last;
  lines_handled_ += facts.size() - before;
  if (before < facts.size()) facts_.change(facts.first(before), {}, facts.subspan(before));
  const OrderRecord* gone = retried ? &*retried : nullptr;
  const OrderRecord* come = &state.records.back();
  tables_.change_order(state, {&gone, retried ? 1u : 0u}, {&come, 1});
  return rule;
}

std::optional<Rule> Orders::change(const event::Event& event, const CleanEvent& clean, uint64_t offset,
                                   const OrderState& before) {
  fold(before, outcome_before_);
  OrderState after = before;
  std::erase_if(after.records, [&](const OrderRecord& r) { return is_retried(r, event); });
  after.records.emplace_back();
  fill_order(event, clean, offset, after.records.back());
  Standing standing = standing_of(after);
  bool counts = standing.purchase + 1 == static_cast<int>(after.records.size());
  bool is_first = counts && standing.first_purchase == standing.purchase;
  // A purchase's verdict does not depend on its lines; one that is refused must not give numbers to texts.
  if (counts) {
    auto first = static_cast<size_t>(standing.first_purchase);
    fill_purchase(event, clean, is_first ? 0 : after.records[first].customer_type, after.records.back());
    if (!is_first) after.records.back().rules &= ~bit(Rule::derived_customer_type);
    count_order(after.records.back(), is_first);
    after.lines_bytes = 0;
  }
  // The one that it replaces stays without its lines.
  const OrderRecord* replaced =
      counts && !is_first ? &before.records[static_cast<size_t>(outcome_before_.purchase)] : nullptr;
  std::vector<const OrderRecord*> gone, come{&after.records.back()};
  for (OrderRecord& record : after.records) {
    if (!replaced || record.offset != replaced->offset) continue;
    record.lines.clear();
    gone.push_back(replaced);
    come.push_back(&record);
  }
  fold(after, outcome_);
  std::optional<Rule> rule = outcome_.verdicts.back();
  if (rule && !waits(*rule, event)) return rule;

  settle_quarantine(after, outcome_, before, outcome_before_);
  if (!rule) book_change();
  for (const OrderRecord& record : before.records) {
    if (is_retried(record, event)) gone.push_back(&record);
  }
  tables_.change_order(after, gone, come);
  return rule;
}

// From the facts before to those now. What is the same at both ends of the lists stays booked.
void Orders::book_change() {
  std::span<const Fact> old(outcome_before_.facts), now(outcome_.facts);
  auto head =
      static_cast<size_t>(std::mismatch(old.begin(), old.end(), now.begin(), now.end()).first - old.begin());
  kept_.assign(old.begin(), old.begin() + static_cast<std::ptrdiff_t>(head));
  old = old.subspan(head);
  now = now.subspan(head);
  auto tail = static_cast<size_t>(std::mismatch(old.rbegin(), old.rend(), now.rbegin(), now.rend()).first -
                                  old.rbegin());
  kept_.insert(kept_.end(), old.end() - static_cast<std::ptrdiff_t>(tail), old.end());
  old = old.first(old.size() - tail);
  now = now.first(now.size() - tail);
  lines_handled_ += old.size() + now.size();
  if (kept_.empty()) {
    if (!old.empty()) facts_.book(old, -1);
    if (!now.empty()) facts_.book(now, 1);
  } else if (!old.empty() || !now.empty()) {
    facts_.change(kept_, old, now);
  }
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
  // Customers are too many for the interner's cache.
  record.customer = keys_->customer_number != 0
                        ? keys_->customer_number
                        : tables_.dictionary().intern(Domain::customer, event.customer.id);
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
  tables_.prefetch_number(line.sku);
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
  auto [place, fresh] = descriptions_.try_emplace(line.sku);
  if (fresh) {
    auto product = tables_.get_product(line.sku);
    place->second = std::make_unique<std::string>(product ? std::move(product->description.value) : "");
  }
  if (place->second->empty()) return;
  line.description = *place->second;
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
  if (!row || !tables_.get_order(*row, bytes_)) return;
  OrderState state = unpack_order(*row, bytes_);
  auto found = std::find_if(state.records.begin(), state.records.end(),
                            [&](const OrderRecord& record) { return record.offset == offset; });
  if (found == state.records.end()) return;
  OrderRecord forgotten = std::move(*found);
  state.records.erase(found);
  const OrderRecord* gone = &forgotten;
  tables_.change_order(state, {&gone, 1}, {});
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
