#include "event/event_check.h"

#include "event/member_reader.h"

namespace lode::event {
namespace {

class Check {
 public:
  explicit Check(Problem& problem) : problem_(problem) {}

  bool fail(const char* code, const MemberPlace& place, std::string detail) {
    problem_ = {code, place.pointer(), std::move(detail)};
    return false;
  }
  bool length(std::string_view text, uint32_t limit, const MemberPlace& place) {
    if (text.size() <= limit) [[likely]]
      return true;
    return fail("too_long", place, "Send at most " + std::to_string(limit) + " bytes here.");
  }
  bool present(bool sent, EventType type, const MemberPlace& place) {
    if (sent) [[likely]]
      return true;
    return fail("missing_field", place,
                "Send `" + std::string(place.name) + "`: every " + std::string(to_string(type)) +
                    " event needs it, and null or an empty string is the same as none.");
  }

 private:
  Problem& problem_;
};

}  // namespace

bool check_event(const Event& event, std::span<const Line> lines, SentFields sent, const Limits& limits,
                 Problem& problem) {
  Check check(problem);
  EventType type = event.type;
  auto needs = [&](bool has, std::string_view name) { return check.present(has, type, {"", -1, name}); };
  auto id = [&](std::string_view text, std::string_view object, std::string_view name) {
    return check.length(text, limits.id_bytes, {object, -1, name});
  };
  auto text = [&](std::string_view value, std::string_view object, std::string_view name) {
    return check.length(value, limits.text_bytes, {object, -1, name});
  };
  if (!needs(!event.event_id.empty(), "event_id") || !needs(sent.occurred_at, "occurred_at")) return false;
  switch (type) {
    case EventType::purchase:
      if (!needs(!event.order_id.empty(), "order_id") || !needs(!event.currency.empty(), "currency") ||
          !needs(!lines.empty(), "lines")) {
        return false;
      }
      break;
    case EventType::refund:
      if (!needs(!event.order_id.empty(), "order_id") || !needs(!lines.empty(), "lines")) return false;
      break;
    case EventType::cancellation:
      if (!needs(!event.order_id.empty(), "order_id")) return false;
      break;
    case EventType::customer:
      if (!needs(!event.customer.id.empty(), "customer_id")) return false;
      break;
    case EventType::product:
      if (!needs(!event.product.sku.empty(), "sku")) return false;
      break;
  }
  return id(event.event_id, "", "event_id") && id(event.source, "", "source") &&
         id(event.order_id, "", "order_id") && text(event.currency, "", "currency") &&
         text(event.channel, "", "channel") && text(event.country, "", "country") &&
         id(event.customer.id, "customer", "id") && text(event.customer.type, "customer", "type") &&
         text(event.customer.country, "customer", "country") && id(event.product.sku, "", "sku") &&
         text(event.product.description, "", "description") && text(event.product.category, "", "category");
}

bool check_line(EventType type, const Line& line, uint32_t index, bool sent_quantity, const Limits& limits,
                Problem& problem) {
  Check check(problem);
  auto at = [&](std::string_view name) { return MemberPlace{"lines", index, name}; };
  auto needs = [&](bool has, std::string_view name) {
    return has || check.fail("missing_field", at(name),
                             "Send `" + std::string(name) + "` in every line of a " +
                                 std::string(to_string(type)) + " event.");
  };
  if (!needs(!line.sku.empty(), "sku") || !needs(sent_quantity, "quantity")) return false;
  if (type == EventType::purchase && !needs(line.has_unit_price, "unit_price")) return false;
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
