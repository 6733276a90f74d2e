#include "query/quarantine_advice.h"

#include <algorithm>

namespace lode::query {

using silver::Rule;

Advice advice_on(Rule rule) {
  switch (rule) {
    case Rule::unknown_currency:
      return {"its currency is no ISO 4217 code", "retry it with the right code at /currency"};
    case Rule::implausible_time:
      return {
          "its occurred_at is too early, or too long after its receive time (silver.earliest, "
          "silver.latest_after_receive_seconds)",
          "retry it with the right time at /occurred_at"};
    case Rule::negative_price:
      return {
          "a line has a unit_price below 0",
          "retry it with the price that was meant; what is given back is a refund, or a line with a negative "
          "quantity"};
    case Rule::zero_quantity:
      return {"a line has the quantity 0", "retry it with the right quantity, or without the line"};
    case Rule::duplicate_order:
      return {"its order has a purchase already",
              "if it corrects the order, retry it with a higher /revision than that one's; else leave it"};
    case Rule::refund_exceeds_order:
      return {"it gives back more units of a sku than its order has left",
              "retry it with fewer units; it is applied by itself when a revision of its order has more"};
    case Rule::unknown_order:
      return {
          "no valid purchase of its order has come",
          "nothing when the purchase will come: it is applied by itself then; else retry it with the right "
          "/order_id"};
    case Rule::order_cancelled:
      return {"its order is cancelled, and that is final", "leave it, or retry it with the right /order_id"};
    case Rule::too_many_records:
      return {"its order has as many records as one may have", "send it under an order of its own"};
    default:
      return {};
  }
}

std::string refused_member(Rule rule, std::span<const event::Line> lines) {
  auto line = [&](auto is_wrong, const char* member) {
    const auto found = std::find_if(lines.begin(), lines.end(), is_wrong);
    if (found == lines.end()) return std::string("/lines");
    return "/lines/" + std::to_string(found - lines.begin()) + member;
  };
  switch (rule) {
    case Rule::unknown_currency:
      return "/currency";
    case Rule::implausible_time:
      return "/occurred_at";
    case Rule::negative_price:
      return line([](const event::Line& one) { return one.unit_price.micros < 0; }, "/unit_price");
    case Rule::zero_quantity:
      return line([](const event::Line& one) { return one.quantity == 0; }, "/quantity");
    case Rule::duplicate_order:
      return "/revision";
    case Rule::refund_exceeds_order:
      return "/lines";
    case Rule::unknown_order:
    case Rule::order_cancelled:
      return "/order_id";
    default:
      return "";
  }
}

}  // namespace lode::query
