#include "silver/order.h"
#include "store/bytes.h"

namespace lode::silver {

namespace {

using event::EventType;

constexpr uint64_t kHasUnitPrice = 1, kFee = 2, kLineRules = 4, kDescription = 8, kCategory = 16,
                   kDiscount = 32;

void pack_line(const OrderLine& line, store::Packer& out) {
  out.number((line.has_unit_price ? kHasUnitPrice : 0) | (line.fee ? kFee : 0) |
             (line.rules ? kLineRules : 0) | (line.description.empty() ? 0 : kDescription) |
             (line.category ? kCategory : 0) | (line.discount ? kDiscount : 0));
  out.number(line.sku);
  out.signed_number(line.quantity);
  if (line.has_unit_price) out.signed_number(line.unit_price);
  if (line.discount) out.signed_number(line.discount);
  if (line.category) out.number(line.category);
  if (!line.description.empty()) out.text(line.description);
  if (line.rules) out.number(line.rules);
}

OrderLine unpack_line(store::Unpacker& in) {
  OrderLine line;
  uint64_t flags = in.number();
  line.has_unit_price = flags & kHasUnitPrice;
  line.fee = flags & kFee;
  line.sku = static_cast<uint32_t>(in.number());
  line.quantity = static_cast<int32_t>(in.signed_number());
  if (line.has_unit_price) line.unit_price = in.signed_number();
  if (flags & kDiscount) line.discount = in.signed_number();
  if (flags & kCategory) line.category = static_cast<uint32_t>(in.number());
  if (flags & kDescription) line.description = in.text();
  if (flags & kLineRules) line.rules = static_cast<RuleSet>(in.number());
  return line;
}

void pack_record(const OrderRecord& record, uint64_t row, store::Packer& out) {
  out.number(static_cast<uint64_t>(record.type));
  out.number(record.offset - row);
  out.signed_number(record.occurred_at.value);
  out.number(record.source);
  out.number(record.rules);
  out.text(record.event_id);
  if (record.type == EventType::purchase) {
    out.signed_number(record.revision);
    out.number(record.country);
    out.number(record.currency);
    out.number(record.customer);
    out.number(record.customer_type);
    out.number(record.channel);
  }
  out.number(record.lines.size());
  for (const OrderLine& line : record.lines) pack_line(line, out);
}

OrderRecord unpack_record(uint64_t row, store::Unpacker& in) {
  auto small = [&] { return static_cast<uint32_t>(in.number()); };
  OrderRecord record;
  record.type = static_cast<EventType>(in.number());
  record.offset = row + in.number();
  record.occurred_at.value = in.signed_number();
  record.source = small();
  record.rules = small();
  record.event_id = in.text();
  if (record.type == EventType::purchase) {
    record.revision = in.signed_number();
    record.country = small();
    record.currency = small();
    record.customer = small();
    record.customer_type = small();
    record.channel = small();
  }
  uint64_t lines = in.number();
  for (uint64_t i = 0; i < lines; ++i) record.lines.push_back(unpack_line(in));
  return record;
}

}  // namespace

void pack(const OrderState& state, std::string& out) {
  store::Packer packer(out);
  packer.text(state.order_id);
  for (const OrderRecord& record : state.records) pack_record(record, state.row, packer);
}

OrderState unpack_order(uint64_t row, std::string_view bytes) {
  store::Unpacker in(bytes);
  OrderState state;
  state.row = row;
  state.order_id = in.text();
  while (!in.done()) state.records.push_back(unpack_record(row, in));
  return state;
}

}  // namespace lode::silver
