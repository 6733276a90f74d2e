#include "silver/cleaner.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "silver/clean.h"
#include "silver/currency.h"

namespace lode::silver {

using event::EventType;

Cleaner::Cleaner(const Settings& settings) : settings_(settings), countries_(settings.country_aliases) {
  for (std::string sku : settings.fee_skus) {
    collapse_space(sku, sku);
    upper_ascii(sku, sku);
    fee_skus_.insert(std::move(sku));
  }
}

const CleanEvent& Cleaner::clean(const event::Event& event, std::span<const event::Line> lines,
                                 event::Micros receive_time, RuleCounts& counts) {
  counts_ = &counts;
  scratch_used_ = 0;
  cleaned_.rules = 0;
  cleaned_.country = cleaned_.currency = 0;
  cleaned_.lines.clear();
  bool purchase = event.type == EventType::purchase;
  if (purchase || event.type == EventType::refund) clean_lines(lines, purchase);
  if (event.type == EventType::product) {
    cleaned_.sku = sku(event.product.sku, cleaned_.rules);
    cleaned_.description = text(event.product.description, cleaned_.rules);
    cleaned_.category = text(event.product.category, cleaned_.rules);
  }
  if (purchase) {
    cleaned_.country = country(event.country, cleaned_.rules);
    cleaned_.currency = currency_of(event.currency);
  }
  if (cleaned_.country == 0 && (purchase || event.type == EventType::customer)) {
    cleaned_.country = country(event.customer.country, cleaned_.rules);
  }
  cleaned_.quarantine = broken_by_event(event, receive_time);
  if (!cleaned_.quarantine) cleaned_.quarantine = broken_by_lines();
  if (purchase && !cleaned_.quarantine) mark_repeated_lines();
  return cleaned_;
}

bool Cleaner::looks(Rule rule) {
  if (!is_on(rule)) return false;
  ++(*counts_)[static_cast<size_t>(rule)].seen;
  return true;
}

void Cleaner::changed(Rule rule, RuleSet& rules) {
  ++(*counts_)[static_cast<size_t>(rule)].changed;
  rules |= bit(rule);
}

std::string& Cleaner::scratch() {
  if (scratch_used_ == scratch_.size()) scratch_.emplace_back();
  return scratch_[scratch_used_++];
}

std::string_view Cleaner::text(std::string_view raw, RuleSet& rules) {
  if (raw.empty() || !looks(Rule::trim_text)) return raw;
  std::string cleaned;
  if (!collapse_space(raw, cleaned)) return raw;
  changed(Rule::trim_text, rules);
  return scratch() = std::move(cleaned);
}

std::string_view Cleaner::sku(std::string_view raw, RuleSet& rules) {
  std::string_view trimmed = text(raw, rules);
  if (!looks(Rule::upper_case_sku)) return trimmed;
  std::string upper;
  if (!upper_ascii(trimmed, upper)) return trimmed;
  changed(Rule::upper_case_sku, rules);
  return scratch() = std::move(upper);
}

uint32_t Cleaner::country(std::string_view raw, RuleSet& rules) {
  std::string_view name = text(raw, rules);
  if (name.empty()) return 0;
  bool by_name = looks(Rule::country_name);
  if (country_text_ != name) {
    country_text_ = name;
    country_code_ = by_name ? countries_.find(name) : countries_.find_code(name);
  }
  looks(Rule::unknown_country);
  if (country_code_ == 0 || country_code_ == kUnknownCountry) {
    if (is_on(Rule::unknown_country)) changed(Rule::unknown_country, rules);
    return kUnknownCountry;
  }
  if (letters_of(country_code_) != name) changed(Rule::country_name, rules);
  return country_code_;
}

void Cleaner::clean_lines(std::span<const event::Line> lines, bool purchase) {
  for (const event::Line& line : lines) {
    CleanLine& clean = cleaned_.lines.emplace_back();
    clean.sku = sku(line.sku, clean.rules);
    if (purchase) {
      clean.description = text(line.description, clean.rules);
      clean.category = text(line.category, clean.rules);
      clean.discount = line.discount.micros;
    }
    clean.quantity = line.quantity;
    clean.has_unit_price = line.has_unit_price;
    clean.unit_price = line.unit_price.micros;
    clean.fee = !fee_skus_.empty() && fee_skus_.contains(clean.sku);
  }
}

std::optional<Rule> Cleaner::broken_by_event(const event::Event& event, event::Micros receive_time) {
  if (event.type == EventType::purchase) {
    bool on = looks(Rule::unknown_currency);
    // With the rule off, any three letters are a currency; nothing else can be one.
    if (cleaned_.currency == 0 && !on && event.currency.size() == 3) {
      cleaned_.currency = code_of(event.currency.data(), 3);
    }
    if (cleaned_.currency == 0) return Rule::unknown_currency;
  }
  if (looks(Rule::implausible_time)) {
    bool too_early = event.occurred_at.value < settings_.earliest_micros;
    int64_t latest;
    if (__builtin_add_overflow(receive_time.value, settings_.latest_after_receive_micros, &latest)) {
      latest = std::numeric_limits<int64_t>::max();
    }
    bool too_late = event.occurred_at.value > latest;
    if (too_early || too_late) return Rule::implausible_time;
  }
  return std::nullopt;
}

std::optional<Rule> Cleaner::broken_by_lines() {
  for (const CleanLine& line : cleaned_.lines) {
    if (looks(Rule::negative_price) && line.unit_price < 0) return Rule::negative_price;
  }
  for (const CleanLine& line : cleaned_.lines) {
    if (looks(Rule::zero_quantity) && line.quantity == 0) return Rule::zero_quantity;
  }
  return std::nullopt;
}

void Cleaner::mark_repeated_lines() {
  std::vector<CleanLine>& lines = cleaned_.lines;
  if (!is_on(Rule::repeated_line)) return;
  (*counts_)[static_cast<size_t>(Rule::repeated_line)].seen += lines.size();
  if (lines.size() == 1) return;
  auto values = [](const CleanLine& line) {
    return std::tie(line.sku, line.quantity, line.unit_price, line.discount, line.description, line.category);
  };
  line_order_.resize(lines.size());
  for (uint32_t i = 0; i < lines.size(); ++i) line_order_[i] = i;
  std::sort(line_order_.begin(), line_order_.end(), [&](uint32_t a, uint32_t b) {
    auto left = values(lines[a]), right = values(lines[b]);
    return left < right || (left == right && a < b);
  });
  for (size_t i = 1; i < lines.size(); ++i) {
    CleanLine& line = lines[line_order_[i]];
    if (values(line) == values(lines[line_order_[i - 1]])) changed(Rule::repeated_line, line.rules);
  }
}

}  // namespace lode::silver
