#include "silver/order_row.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <vector>

#include "store/bytes.h"

namespace lode::silver {

namespace {

using event::EventType;
using store::Damaged;

constexpr uint64_t kHasUnitPrice = 1, kFee = 2, kLineRules = 4, kDescription = 8, kCategory = 16,
                   kDiscount = 32, kSameDescription = 64;

bool is_taken(const OrderLine& line) {
  return (line.rules & bit(Rule::product_description)) != 0 && !line.description.empty();
}

// The descriptions that a record's lines took from products, each packed with the first line that has it.
// They are told apart by sku: no two texts of a sku in one record, so one that differs is packed anew.
class TakenDescriptions {
 public:
  // The number of the line's description when an earlier line has it.
  std::optional<uint64_t> earlier(const OrderLine& line) {
    if (!is_taken(line)) return std::nullopt;
    auto [place, fresh] = known_.try_emplace(line.sku, Known{next_, line.description});
    const std::string_view& text = place->second.text;
    if (!fresh && (text.data() == line.description.data() || text == line.description) &&
        text.size() == line.description.size())
      return place->second.number;
    ++next_;
    return std::nullopt;
  }

 private:
  struct Known {
    uint64_t number;
    std::string_view text;
  };
  absl::flat_hash_map<uint32_t, Known> known_;
  uint64_t next_ = 0;
};

void pack_line(const OrderLine& line, std::optional<uint64_t> same_description, store::Packer& out) {
  uint64_t description = same_description ? kSameDescription : line.description.empty() ? 0 : kDescription;
  out.number((line.has_unit_price ? kHasUnitPrice : 0) | (line.fee ? kFee : 0) |
             (line.rules ? kLineRules : 0) | description | (line.category ? kCategory : 0) |
             (line.discount ? kDiscount : 0));
  out.number(line.sku);
  out.signed_number(line.quantity);
  if (line.has_unit_price) out.signed_number(line.unit_price);
  if (line.discount) out.signed_number(line.discount);
  if (line.category) out.number(line.category);
  if (same_description) {
    out.number(*same_description);
  } else if (description != 0) {
    out.text(line.description);
  }
  if (line.rules) out.number(line.rules);
}

OrderLine unpack_line(store::Unpacker& in, std::vector<std::string_view>& taken) {
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
  if (flags & kSameDescription) {
    uint64_t number = in.number();
    if (number >= taken.size()) throw Damaged("a line has a description that no line before it has");
    line.description = taken[number];
  }
  if (flags & kLineRules) line.rules = static_cast<RuleSet>(in.number());
  if ((flags & kSameDescription) == 0 && is_taken(line)) taken.push_back(line.description);
  return line;
}

void pack_lines(const std::vector<OrderLine>& lines, store::Packer& out) {
  TakenDescriptions descriptions;
  for (const OrderLine& line : lines) pack_line(line, descriptions.earlier(line), out);
}

void unpack_lines(uint64_t count, store::Unpacker& in, std::vector<OrderLine>& lines) {
  constexpr size_t kLeastLine = 3;  // bytes
  if (count > in.rest().size() / kLeastLine) throw Damaged("an order has more lines than bytes");
  std::vector<std::string_view> taken;
  lines.reserve(count);
  for (uint64_t i = 0; i < count; ++i) lines.push_back(unpack_line(in, taken));
}

// With its lines unless it is the purchase that counts.
void pack_record(const OrderRecord& record, uint64_t row, bool counts, store::Packer& out) {
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
  if (!counts) pack_lines(record.lines, out);
}

// Returns the number of its lines; they follow unless it is the purchase that counts.
uint64_t unpack_record(uint64_t row, store::Unpacker& in, OrderRecord& record) {
  auto small = [&] { return static_cast<uint32_t>(in.number()); };
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
  return in.number();
}

OrderHead head_of(const OrderState& state, int purchase) {
  OrderHead head;
  head.records = state.records.size();
  for (size_t i = 0; i < state.records.size(); ++i) {
    if (static_cast<int>(i) != purchase) head.further_lines += state.records[i].lines.size();
  }
  if (purchase < 0) return head;
  head.purchase = state.records[static_cast<size_t>(purchase)].offset;
  head.revision = state.records[static_cast<size_t>(purchase)].revision;
  return head;
}

void pack_head(const OrderState& state, std::optional<uint64_t> lines_elsewhere, const Standing& standing,
               std::string& out) {
  OrderHead head = head_of(state, standing.purchase);
  size_t at = out.size();
  out.push_back(0);  // the length of what comes, mostly one byte
  store::Packer packer(out);
  packer.number(lines_elsewhere ? *lines_elsewhere + 1 : 0);
  packer.number(static_cast<uint64_t>(standing.status));
  packer.number(head.records);
  packer.number(head.further_lines);
  packer.number(head.purchase ? *head.purchase - state.row + 1 : 0);
  packer.signed_number(head.revision);
  packer.text(state.order_id);
  for (size_t i = 0; i < state.records.size(); ++i)
    pack_record(state.records[i], state.row, static_cast<int>(i) == standing.purchase, packer);
  uint64_t length = out.size() - at - 1;
  if (length < 0x80) {
    out[at] = static_cast<char>(length);
    return;
  }
  std::string varint;
  store::Packer(varint).number(length);
  out.replace(at, 1, varint);
}

// Leaves `in` behind the fixed fields of the head.
OrderHead read_head(uint64_t row, std::string_view bytes, store::Unpacker& in) {
  OrderHead head;
  uint64_t length = in.number();
  if (length > in.rest().size()) throw Damaged("an order's head runs past the end of its row");
  head.bytes = bytes.size() - in.rest().size() + length;
  in = store::Unpacker(in.rest().substr(0, length));
  if (uint64_t lines = in.number()) head.lines_elsewhere = lines - 1;
  uint64_t status = in.number();
  if (status > static_cast<uint64_t>(OrderStatus::cancelled)) throw Damaged("an order of no known status");
  head.status = static_cast<OrderStatus>(status);
  head.records = in.number();
  head.further_lines = in.number();
  if (uint64_t purchase = in.number()) head.purchase = row + purchase - 1;
  head.revision = in.signed_number();
  return head;
}

}  // namespace

void pack(const OrderState& state, std::string& out) {
  Standing standing = standing_of(state);
  pack_head(state, std::nullopt, standing, out);
  if (standing.purchase < 0) return;
  store::Packer packer(out);
  pack_lines(state.records[static_cast<size_t>(standing.purchase)].lines, packer);
}

void pack_head(const OrderState& state, uint64_t lines_bytes, std::string& out) {
  pack_head(state, std::optional(lines_bytes), standing_of(state), out);
}

void pack_lines(const OrderState& state, std::string& out) {
  Standing standing = standing_of(state);
  if (standing.purchase < 0) return;
  store::Packer packer(out);
  pack_lines(state.records[static_cast<size_t>(standing.purchase)].lines, packer);
}

OrderHead read_head(uint64_t row, std::string_view bytes) {
  store::Unpacker in(bytes);
  return read_head(row, bytes, in);
}

OrderState unpack_order(uint64_t row, std::string_view bytes) {
  store::Unpacker in(bytes);
  OrderHead head = read_head(row, bytes, in);
  OrderState state;
  state.row = row;
  state.order_id = in.text();
  state.lines_bytes = bytes.size() - head.bytes;
  int purchase = -1;
  uint64_t lines_behind = 0;
  while (!in.done()) {
    OrderRecord& record = state.records.emplace_back();
    uint64_t lines = unpack_record(row, in, record);
    if (head.purchase == record.offset && purchase < 0) {
      purchase = static_cast<int>(state.records.size()) - 1;
      lines_behind = lines;
    } else {
      unpack_lines(lines, in, record.lines);
    }
  }
  store::Unpacker behind(bytes.substr(head.bytes));
  if (purchase >= 0) unpack_lines(lines_behind, behind, state.records[static_cast<size_t>(purchase)].lines);
  // What is refused by the head alone must be what the records say.
  Standing standing = standing_of(state);
  OrderHead expected = head_of(state, standing.purchase);
  if (!behind.done() || standing.purchase != purchase || standing.status != head.status ||
      expected.records != head.records || expected.further_lines != head.further_lines ||
      expected.purchase != head.purchase || expected.revision != head.revision ||
      (head.lines_elsewhere && *head.lines_elsewhere != state.lines_bytes))
    throw Damaged("an order's head is not that of its records");
  return state;
}

}  // namespace lode::silver
