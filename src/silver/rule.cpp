#include "silver/rule.h"

namespace lode::silver {

std::string_view to_string(Rule rule) {
  switch (rule) {
    case Rule::trim_text:
      return "trim_text";
    case Rule::upper_case_sku:
      return "upper_case_sku";
    case Rule::country_name:
      return "country_name";
    case Rule::unknown_country:
      return "unknown_country";
    case Rule::customer_country:
      return "customer_country";
    case Rule::product_description:
      return "product_description";
    case Rule::anonymous_customer:
      return "anonymous_customer";
    case Rule::repeated_line:
      return "repeated_line";
    case Rule::derived_customer_type:
      return "derived_customer_type";
    case Rule::unknown_currency:
      return "unknown_currency";
    case Rule::implausible_time:
      return "implausible_time";
    case Rule::negative_price:
      return "negative_price";
    case Rule::zero_quantity:
      return "zero_quantity";
    case Rule::duplicate_order:
      return "duplicate_order";
    case Rule::refund_exceeds_order:
      return "refund_exceeds_order";
    case Rule::unknown_order:
      return "unknown_order";
    case Rule::order_cancelled:
      return "order_cancelled";
    case Rule::too_many_records:
      return "too_many_records";
  }
  return "";
}

std::optional<Rule> rule_of(std::string_view name) {
  for (Rule rule : kRules) {
    if (to_string(rule) == name) return rule;
  }
  return std::nullopt;
}

}  // namespace lode::silver
