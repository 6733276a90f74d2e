#include "query/silver_rows.h"

#include <algorithm>

#include "event/json_text.h"
#include "silver/currency.h"

namespace lode::query {

std::string_view name_of(silver::Kind kind) {
  switch (kind) {
    case silver::Kind::sale:
      return "sale";
    case silver::Kind::return_:
      return "return";
    case silver::Kind::free:
      return "free";
    case silver::Kind::adjustment:
      return "adjustment";
    case silver::Kind::fee:
      return "fee";
  }
  return "";
}

RawJson rules_list(silver::RuleSet rules) {
  std::string json = "[";
  for (silver::Rule rule : silver::kRules) {
    if (!(rules & silver::bit(rule))) continue;
    if (json.size() > 1) json += ',';
    event::append_quoted(json, silver::to_string(rule));
  }
  return {json + "]"};
}

RawJson offsets_list(std::vector<uint64_t> offsets) {
  std::sort(offsets.begin(), offsets.end());
  offsets.erase(std::unique(offsets.begin(), offsets.end()), offsets.end());
  std::string json = "[";
  for (uint64_t offset : offsets) {
    if (json.size() > 1) json += ',';
    json += std::to_string(offset);
  }
  return {json + "]"};
}

namespace {

using event::EventType;
using silver::OrderLine;
using silver::OrderRecord;
using silver::RuleSet;
using silver::Tables;

Value text_or_null(std::string text) { return text.empty() ? Value{} : Value{std::move(text)}; }
Value named(const Tables& tables, uint32_t number) { return text_or_null(tables.dictionary().text(number)); }
Value money(event::Int128 micros, int digits) { return Decimal{event::format_money(micros, digits)}; }

std::string_view status_name(silver::OrderStatus status) {
  switch (status) {
    case silver::OrderStatus::waiting:
      return "waiting";
    case silver::OrderStatus::open:
      return "open";
    case silver::OrderStatus::cancelled:
      return "cancelled";
  }
  return "";
}

// The records that made the order what it is; what is in quarantine did not.
std::vector<uint64_t> offsets_of(const ShownOrder& order) {
  std::vector<uint64_t> offsets;
  for (size_t i = 0; i < order.state.records.size(); ++i) {
    if (!order.outcome.verdicts[i]) offsets.push_back(order.state.records[i].offset);
  }
  return offsets;
}

template <typename T>
void add_offset(const silver::Said<T>& said, std::vector<uint64_t>& offsets) {
  if (said.offset >= 0) offsets.push_back(static_cast<uint64_t>(said.offset));
}

void add_member(std::string& json, std::string_view name, const std::string& value, bool quote) {
  if (json.back() != '{') json += ',';
  event::append_quoted(json, name);
  json += ':';
  if (quote) {
    event::append_quoted(json, value);
  } else {
    json += value;
  }
}

std::string line_json(const OrderLine& line, size_t number, int digits, bool refund, const Tables& tables) {
  std::string json = "{";
  add_member(json, "line", std::to_string(number), false);
  add_member(json, "sku", tables.dictionary().text(line.sku), true);
  if (!line.description.empty()) add_member(json, "description", std::string(line.description), true);
  if (line.category) add_member(json, "category", tables.dictionary().text(line.category), true);
  add_member(json, "quantity", std::to_string(line.quantity), false);
  if (line.has_unit_price) add_member(json, "unit_price", event::format_money(line.unit_price, digits), true);
  if (!refund) {
    add_member(json, "discount", event::format_money(line.discount, digits), true);
    add_member(json, "kind", std::string(name_of(kind_of(line))), true);
  }
  add_member(json, "rules", rules_list(line.rules).text, false);
  return json + "}";
}

std::string lines_json(const OrderRecord& record, int digits, const Tables& tables) {
  std::string json = "[";
  for (size_t i = 0; i < record.lines.size(); ++i) {
    if (i > 0) json += ',';
    json += line_json(record.lines[i], i, digits, record.type == EventType::refund, tables);
  }
  return json + "]";
}

}  // namespace

void read_order(uint64_t row, std::string_view bytes, ShownOrder& order) {
  order.state = silver::unpack_order(row, bytes);
  fold(order.state, order.outcome);
}

std::vector<Value> order_row(const ShownOrder& order, const Tables& tables) {
  const OrderRecord& purchase = order.purchase();
  int digits = silver::currency_digits(purchase.currency);
  event::Int128 sales = 0, returns = 0, fees = 0;
  for (const silver::Fact& fact : order.outcome.facts) {
    if (fact.kind == silver::Kind::sale) sales += fact.amount - fact.discount;
    if (fact.kind == silver::Kind::return_) returns += fact.amount;
    if (fact.kind == silver::Kind::fee) fees += fact.amount;
  }
  RuleSet rules = purchase.rules;
  for (const OrderLine& line : purchase.lines) rules |= line.rules;
  return {std::string(order.state.order_id),
          std::string(status_name(order.outcome.status)),
          event::format_rfc3339(purchase.occurred_at),
          silver::letters_of(purchase.country),
          silver::letters_of(purchase.currency),
          named(tables, purchase.customer),
          named(tables, purchase.customer_type),
          named(tables, purchase.channel),
          tables.dictionary().text(purchase.source),
          purchase.revision,
          static_cast<int64_t>(purchase.lines.size()),
          money(sales, digits),
          money(returns, digits),
          money(fees, digits),
          offsets_list(offsets_of(order)),
          rules_list(rules)};
}

std::vector<Value> order_details(const ShownOrder& order, const Tables& tables) {
  int digits = silver::currency_digits(order.purchase().currency);
  std::string refunds = "[";
  for (size_t i = 0; i < order.state.records.size(); ++i) {
    const OrderRecord& record = order.state.records[i];
    if (record.type != EventType::refund || order.outcome.verdicts[i]) continue;
    if (refunds.size() > 1) refunds += ',';
    std::string json = "{";
    add_member(json, "offset", std::to_string(record.offset), false);
    add_member(json, "event_id", std::string(record.event_id), true);
    add_member(json, "source", tables.dictionary().text(record.source), true);
    add_member(json, "occurred_at", event::format_rfc3339(record.occurred_at), true);
    add_member(json, "lines", lines_json(record, digits, tables), false);
    refunds += json + "}";
  }
  return {RawJson{lines_json(order.purchase(), digits, tables)}, RawJson{refunds + "]"}};
}

std::vector<Value> order_line_row(const ShownOrder& order, size_t number, const Tables& tables) {
  const OrderRecord& purchase = order.purchase();
  const OrderLine& line = purchase.lines[number];
  int digits = silver::currency_digits(purchase.currency);
  return {std::string(order.state.order_id),
          static_cast<int64_t>(number),
          tables.dictionary().text(line.sku),
          text_or_null(std::string(line.description)),
          named(tables, line.category),
          int64_t{line.quantity},
          money(line.unit_price, digits),
          money(line.discount, digits),
          std::string(name_of(kind_of(line))),
          std::string(status_name(order.outcome.status)),
          event::format_rfc3339(purchase.occurred_at),
          silver::letters_of(purchase.country),
          silver::letters_of(purchase.currency),
          named(tables, purchase.customer),
          named(tables, purchase.customer_type),
          tables.dictionary().text(purchase.source),
          offsets_list({purchase.offset}),
          rules_list(line.rules)};
}

std::optional<std::vector<Value>> customer_row(uint32_t number, std::string_view id, const Tables& tables) {
  bool in_crm = tables.counts().has_row(number);
  uint32_t orders = tables.counts().get(number);
  if (!in_crm && orders == 0) return std::nullopt;
  silver::CustomerRow row;
  if (in_crm) row = tables.get_customer(number).value_or(row);
  std::vector<uint64_t> offsets;
  add_offset(row.type, offsets);
  add_offset(row.country, offsets);
  add_offset(row.source, offsets);
  add_offset(row.contact, offsets);
  return std::vector<Value>{
      std::string(id),
      named(tables, row.type.value),
      text_or_null(silver::letters_of(row.country.value)),
      int64_t{orders},
      row.source.offset < 0 ? Value{} : Value{tables.dictionary().text(row.source.value)},
      offsets_list(offsets),
      rules_list(row.rules)};
}

std::optional<std::vector<Value>> product_row(uint32_t number, std::string_view sku, const Tables& tables) {
  bool in_inventory = tables.counts().has_row(number);
  if (!in_inventory && tables.counts().get(number) == 0) return std::nullopt;
  silver::ProductRow row;
  if (in_inventory) row = tables.get_product(number).value_or(row);
  std::vector<uint64_t> offsets;
  add_offset(row.description, offsets);
  add_offset(row.category, offsets);
  add_offset(row.source, offsets);
  return std::vector<Value>{
      std::string(sku),
      text_or_null(row.description.value),
      named(tables, row.category.value),
      row.source.offset < 0 ? Value{} : Value{tables.dictionary().text(row.source.value)},
      offsets_list(offsets),
      rules_list(row.rules)};
}

std::vector<Value> quarantine_row(uint64_t offset, const silver::QuarantineRow& row, const Tables& tables) {
  return {static_cast<int64_t>(offset),
          std::string(to_string(row.rule)),
          std::string(to_string(row.type)),
          tables.dictionary().text(row.source),
          row.event_id,
          text_or_null(row.order_id),
          event::format_rfc3339(row.occurred_at),
          offsets_list(row.retries),
          row.retry_rule ? Value{std::string(to_string(*row.retry_rule))} : Value{}};
}

}  // namespace lode::query
