#include "silver/rows.h"

#include "store/bytes.h"

namespace lode::silver {

namespace {

void pack_value(uint32_t value, store::Packer& out) { out.number(value); }
void pack_value(bool value, store::Packer& out) { out.number(value); }
void pack_value(const std::string& value, store::Packer& out) { out.text(value); }
void unpack_value(store::Unpacker& in, uint32_t& value) { value = static_cast<uint32_t>(in.number()); }
void unpack_value(store::Unpacker& in, bool& value) { value = in.number() != 0; }
void unpack_value(store::Unpacker& in, std::string& value) { value = in.text(); }

template <typename T>
void pack_said(const Said<T>& said, store::Packer& out) {
  out.signed_number(said.offset);
  if (said.offset < 0) return;
  out.signed_number(said.at.value);
  pack_value(said.value, out);
}

template <typename T>
void unpack_said(store::Unpacker& in, Said<T>& said) {
  said.offset = in.signed_number();
  if (said.offset < 0) return;
  said.at.value = in.signed_number();
  unpack_value(in, said.value);
}

Rule rule_of_number(uint64_t number) {
  if (number >= kRuleNumbers || to_string(static_cast<Rule>(number)).empty()) {
    throw store::Damaged("a rule that there is not");
  }
  return static_cast<Rule>(number);
}

event::EventType type_of_number(uint64_t number) {
  if (number < static_cast<uint64_t>(event::EventType::purchase) ||
      number > static_cast<uint64_t>(event::EventType::product)) {
    throw store::Damaged("a type of event that there is not");
  }
  return static_cast<event::EventType>(number);
}

}  // namespace

std::string pack(const CustomerRow& row) {
  std::string bytes;
  store::Packer out(bytes);
  pack_said(row.type, out);
  pack_said(row.country, out);
  pack_said(row.source, out);
  pack_said(row.contact, out);
  out.number(row.rules);
  return bytes;
}

CustomerRow unpack_customer(std::string_view bytes) {
  store::Unpacker in(bytes);
  CustomerRow row;
  unpack_said(in, row.type);
  unpack_said(in, row.country);
  unpack_said(in, row.source);
  unpack_said(in, row.contact);
  row.rules = static_cast<RuleSet>(in.number());
  return row;
}

std::string pack(const ProductRow& row) {
  std::string bytes;
  store::Packer out(bytes);
  pack_said(row.description, out);
  pack_said(row.category, out);
  pack_said(row.source, out);
  out.number(row.rules);
  return bytes;
}

ProductRow unpack_product(std::string_view bytes) {
  store::Unpacker in(bytes);
  ProductRow row;
  unpack_said(in, row.description);
  unpack_said(in, row.category);
  unpack_said(in, row.source);
  row.rules = static_cast<RuleSet>(in.number());
  return row;
}

std::string pack(const QuarantineRow& row) {
  std::string bytes;
  store::Packer out(bytes);
  out.number(static_cast<uint64_t>(row.rule));
  out.number(static_cast<uint64_t>(row.type));
  out.signed_number(row.occurred_at.value);
  out.number(row.source);
  out.text(row.event_id);
  out.text(row.order_id);
  out.number(row.retry_rule ? static_cast<uint64_t>(*row.retry_rule) + 1 : 0);
  out.number(row.retries.size());
  for (uint64_t offset : row.retries) out.number(offset);
  return bytes;
}

QuarantineRow unpack_quarantine(std::string_view bytes) {
  store::Unpacker in(bytes);
  QuarantineRow row;
  row.rule = rule_of_number(in.number());
  row.type = type_of_number(in.number());
  row.occurred_at.value = in.signed_number();
  row.source = static_cast<uint32_t>(in.number());
  row.event_id = in.text();
  row.order_id = in.text();
  if (uint64_t rule = in.number()) row.retry_rule = rule_of_number(rule - 1);
  uint64_t retries = in.number();
  if (retries > QuarantineRow::kMaxRetries) throw store::Damaged("more retries than a row keeps");
  for (uint64_t i = 0; i < retries; ++i) row.retries.push_back(in.number());
  return row;
}

std::string pack(const RetryOutcome& outcome) {
  std::string bytes;
  store::Packer out(bytes);
  out.number(outcome.rule ? static_cast<uint64_t>(*outcome.rule) + 2 : outcome.too_late ? 1 : 0);
  return bytes;
}

RetryOutcome unpack_retry(std::string_view bytes) {
  store::Unpacker in(bytes);
  const uint64_t number = in.number();
  if (number < 2) return {.too_late = number == 1, .rule = std::nullopt};
  return {.too_late = false, .rule = rule_of_number(number - 2)};
}

}  // namespace lode::silver
