// The silver rules by name (contract sections 3 and 4). A rule either changes a value (and counts), or
// quarantines the whole event. Stable numbers: they are stored in rows. The rules from duplicate_order on are
// an order's lifecycle: what an order is; they have no switch.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lode::silver {

enum class Rule : uint8_t {
  // change a value
  trim_text = 0,  // white space of sku, description, category, country trimmed and collapsed
  upper_case_sku = 1,
  country_name = 2,         // alias, code or name to ISO 3166-1 alpha-2
  unknown_country = 3,      // ZZ
  customer_country = 4,     // none given: the customer's
  product_description = 5,  // missing: the product's
  anonymous_customer = 6,
  repeated_line = 7,          // identical lines of an order: kept, counted
  derived_customer_type = 8,  // new, returning, loyal
  // quarantine the event
  unknown_currency = 16,
  implausible_time = 17,
  negative_price = 18,
  zero_quantity = 19,
  duplicate_order = 20,
  refund_exceeds_order = 21,
  unknown_order = 22,
  order_cancelled = 23,
  too_many_records = 24,  // of one order: a bound on what each of them costs
};

inline constexpr std::array kRules{
    Rule::trim_text,          Rule::upper_case_sku,   Rule::country_name,
    Rule::unknown_country,    Rule::customer_country, Rule::product_description,
    Rule::anonymous_customer, Rule::repeated_line,    Rule::derived_customer_type,
    Rule::unknown_currency,   Rule::implausible_time, Rule::negative_price,
    Rule::zero_quantity,      Rule::duplicate_order,  Rule::refund_exceeds_order,
    Rule::unknown_order,      Rule::order_cancelled,  Rule::too_many_records};
constexpr size_t kRuleNumbers = 25;  // above every rule's number

using RuleSet = uint32_t;  // bit n: rule n
constexpr RuleSet bit(Rule rule) { return RuleSet{1} << static_cast<uint8_t>(rule); }
std::string_view to_string(Rule rule);
std::optional<Rule> rule_of(std::string_view name);

}  // namespace lode::silver
