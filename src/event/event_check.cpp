#include "event/event_check.h"

#include "event/member_reader.h"
#include "event/white_space.h"

namespace lode::event {
namespace {

class Check {
 public:
  Check(const Limits& limits, Problem& problem) : limits_(limits), problem_(problem) {}

  bool fail(const char* code, const MemberPlace& place, std::string detail) {
    problem_ = {code, place.pointer(), std::move(detail)};
    return false;
  }
  bool length(std::string_view text, uint32_t limit, const MemberPlace& place) {
    return text.size() <= limit ||
           fail("too_long", place, "Send at most " + std::to_string(limit) + " bytes here.");
  }
  // Of an id that is required and there.
  bool filled(std::string_view id, const MemberPlace& place) {
    return limits_.blank_ids || !is_blank(id) ||
           fail("invalid_value", place, "Send an id that is more than white space.");
  }
  bool missing(EventType type, std::string_view name) {
    return fail("missing_field", {"", -1, name},
                "Send `" + std::string(name) + "`: every " + std::string(to_string(type)) +
                    " event needs it, and null or an empty string is the same as none.");
  }
  bool missing_in_line(EventType type, const MemberPlace& place) {
    return fail("missing_field", place,
                "Send `" + std::string(place.name) + "` in every line of a " + std::string(to_string(type)) +
                    " event.");
  }

 private:
  const Limits& limits_;
  Problem& problem_;
};

}  // namespace

bool check_event(const Event& event, std::span<const Line> lines, SentFields sent, const Limits& limits,
                 Problem& problem) {
  Check check(limits, problem);
  const EventType type = event.type;
  if (event.event_id.empty()) return check.missing(type, "event_id");
  if (!check.filled(event.event_id, {"", -1, "event_id"})) return false;
  if (!sent.occurred_at) return check.missing(type, "occurred_at");
  switch (type) {
    case EventType::purchase:
      if (event.currency.empty()) return check.missing(type, "currency");
      [[fallthrough]];
    case EventType::refund:
      if (lines.empty()) return check.missing(type, "lines");
      [[fallthrough]];
    case EventType::cancellation:
      if (event.order_id.empty()) return check.missing(type, "order_id");
      if (!check.filled(event.order_id, {"", -1, "order_id"})) return false;
      break;
    case EventType::customer:
      if (event.customer.id.empty()) return check.missing(type, "customer_id");
      if (!check.filled(event.customer.id, {"", -1, "customer_id"})) return false;
      break;
    case EventType::product:
      if (event.product.sku.empty()) return check.missing(type, "sku");
      if (!check.filled(event.product.sku, {"", -1, "sku"})) return false;
      break;
  }

  struct Text {
    const std::string_view& value;
    uint32_t limit;
    MemberPlace place;
  };
  const uint32_t id = limits.id_bytes, text = limits.text_bytes;
  const Customer& customer = event.customer;
  const Product& product = event.product;
  bool ids_fit = event.event_id.size() <= id && event.source.size() <= id && event.order_id.size() <= id &&
                 customer.id.size() <= id && product.sku.size() <= id;
  bool texts_fit = event.currency.size() <= text && event.channel.size() <= text &&
                   event.country.size() <= text && customer.type.size() <= text &&
                   customer.country.size() <= text && product.description.size() <= text &&
                   product.category.size() <= text;
  if (ids_fit && texts_fit) [[likely]]
    return true;
  for (const Text& field :
       {Text{event.event_id, id, {"", -1, "event_id"}}, Text{event.source, id, {"", -1, "source"}},
        Text{event.order_id, id, {"", -1, "order_id"}}, Text{customer.id, id, {"customer", -1, "id"}},
        Text{product.sku, id, {"", -1, "sku"}}, Text{event.currency, text, {"", -1, "currency"}},
        Text{event.channel, text, {"", -1, "channel"}}, Text{event.country, text, {"", -1, "country"}},
        Text{customer.type, text, {"customer", -1, "type"}},
        Text{customer.country, text, {"customer", -1, "country"}},
        Text{product.description, text, {"", -1, "description"}},
        Text{product.category, text, {"", -1, "category"}}}) {
    if (!check.length(field.value, field.limit, field.place)) return false;
  }
  return true;
}

bool check_line(EventType type, const Line& line, uint32_t index, bool sent_quantity, const Limits& limits,
                Problem& problem) {
  Check check(limits, problem);
  auto at = [&](std::string_view name) { return MemberPlace{"lines", index, name}; };
  if (line.sku.empty()) return check.missing_in_line(type, at("sku"));
  if (!check.filled(line.sku, at("sku"))) return false;
  if (!sent_quantity) return check.missing_in_line(type, at("quantity"));
  if (type == EventType::purchase && !line.has_unit_price)
    return check.missing_in_line(type, at("unit_price"));
  if (type == EventType::refund && line.quantity < 0) {
    return check.fail("invalid_value", at("quantity"),
                      "Send the number of units given back as a positive quantity.");
  }
  if (line.discount.micros < 0) {
    return check.fail("invalid_value", at("discount"), "Send the discount as zero or a positive amount.");
  }
  int64_t product;
  if (__builtin_mul_overflow(line.unit_price.micros, int64_t{line.quantity}, &product)) {
    return check.fail("out_of_range", at("unit_price"),
                      "Quantity times unit price must stay within 9223372036854.775807 either way.");
  }
  return check.length(line.sku, limits.id_bytes, at("sku")) &&
         check.length(line.description, limits.text_bytes, at("description")) &&
         check.length(line.category, limits.text_bytes, at("category"));
}

}  // namespace lode::event
