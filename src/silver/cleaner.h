// The rules of contract section 4 that look at one event alone: texts, country, currency, time, prices,
// quantities. They come in the contract's order; the first that quarantines ends it. A pure function of
// event, receive time and settings.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "silver/country.h"
#include "silver/quality.h"
#include "silver/rule.h"
#include "silver/silver.h"

namespace lode::silver {

struct CleanLine {
  std::string_view sku, description, category;
  int32_t quantity = 0;
  bool fee = false;
  bool has_unit_price = false;
  int64_t unit_price = 0, discount = 0;  // millionths
  RuleSet rules = 0;
};

// Views point into the event or the Cleaner, and hold until its next clean().
struct CleanEvent {
  std::optional<Rule> quarantine;
  uint32_t country = 0;   // 0: none given; a purchase's or an upsert's
  uint32_t currency = 0;  // a purchase's
  RuleSet rules = 0;      // that changed the event as a whole
  std::vector<CleanLine> lines;
  std::string_view sku, description, category;  // a product's
};

// Not thread-safe.
class Cleaner {
 public:
  explicit Cleaner(const Settings& settings);

  // Counts what each rule saw and did. The answer holds until the next call.
  const CleanEvent& clean(const event::Event& event, std::span<const event::Line> lines,
                          event::Micros receive_time, RuleCounts& counts);

  bool is_on(Rule rule) const { return !(settings_.switched_off & bit(rule)); }

 private:
  // True: the rule is on, and counts `seen`.
  bool looks(Rule rule);
  void changed(Rule rule, RuleSet& rules);

  std::string& scratch();
  std::string_view text(std::string_view raw, RuleSet& rules);
  std::string_view sku(std::string_view raw, RuleSet& rules);
  uint32_t country(std::string_view raw, RuleSet& rules);
  void clean_lines(std::span<const event::Line> lines, bool purchase);
  void mark_repeated_lines();
  std::optional<Rule> broken_by_event(const event::Event& event, event::Micros receive_time);
  std::optional<Rule> broken_by_lines();

  const Settings& settings_;
  Countries countries_;
  std::set<std::string, std::less<>> fee_skus_;
  CleanEvent cleaned_;
  RuleCounts* counts_ = nullptr;
  std::deque<std::string> scratch_;
  size_t scratch_used_ = 0;
  std::vector<uint32_t> line_order_;
  // The country text last seen and what came of it.
  std::string country_text_;
  uint32_t country_code_ = 0;
};

}  // namespace lode::silver
