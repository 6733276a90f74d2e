// Applies the events of orders: purchase, refund, cancellation. Loads the order, folds it with the new
// record, tells gold what went and what came, and keeps the quarantine of the order's other records true.
// Apply thread, the state's mutex held exclusively.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "event/event.h"
#include "silver/cleaner.h"
#include "silver/interner.h"
#include "silver/lookahead.h"
#include "silver/order.h"
#include "silver/tables.h"

namespace lode::silver {

class Orders {
 public:
  Orders(const Settings& settings, const Cleaner& cleaner, Tables& tables, Interner& intern, FactSink& facts);

  // The rule that quarantines the event, or nothing: then it has its effect. A retry has its effect or leaves
  // no trace; the record that it retries leaves the order with its success.
  std::optional<Rule> apply(const event::Event& event, const CleanEvent& clean, const EventKeys& keys,
                            uint64_t offset, RuleCounts& counts);

  // Takes a record that has no effect out of its order: a retry of it succeeded.
  void forget(std::string_view order_id, uint64_t offset);

  // Lines that were read, folded or booked, since the start: what all of it cost.
  uint64_t lines_handled() const { return lines_handled_; }

 private:
  std::optional<Rule> begin(const event::Event& event, const CleanEvent& clean, uint64_t offset);
  std::optional<Rule> amend(const event::Event& event, const CleanEvent& clean, uint64_t offset,
                            uint64_t row);
  // By a record that leaves all others as they are: a refund, or a cancellation of what is not open.
  std::optional<Rule> append(const event::Event& event, const CleanEvent& clean, uint64_t offset,
                             OrderState& state);
  // By a purchase, or the cancellation that counts.
  std::optional<Rule> change(const event::Event& event, const CleanEvent& clean, uint64_t offset,
                             const OrderState& before);
  void book_change();
  void fill_order(const event::Event& event, const CleanEvent& clean, uint64_t offset, OrderRecord& record);
  void fill_purchase(const event::Event& event, const CleanEvent& clean, uint32_t kept_type,
                     OrderRecord& record);
  void fill_line(const CleanLine& clean, bool purchase, OrderLine& line);
  uint32_t type_of(const event::Event& event, uint32_t customer, const std::optional<CustomerRow>& crm,
                   RuleSet& rules);
  void count_order(const OrderRecord& record, bool first);
  void settle_quarantine(const OrderState& state, const Outcome& outcome, const OrderState& before,
                         const Outcome& outcome_before);
  bool looks(Rule rule);
  void changed(Rule rule, RuleSet& rules);

  const Settings& settings_;
  const Cleaner& cleaner_;
  Tables& tables_;
  Interner& intern_;
  FactSink& facts_;
  const EventKeys* keys_ = nullptr;  // of the event at hand
  RuleCounts* counts_ = nullptr;
  OrderState fresh_;  // a new order's state; kept for its vectors' room
  Outcome outcome_, outcome_before_;
  std::vector<Fact> kept_;
  std::string bytes_;  // of the order at hand
  // Taken from products, for the event at hand, by sku; "" where there is none.
  absl::flat_hash_map<uint32_t, std::unique_ptr<std::string>> descriptions_;
  uint64_t lines_handled_ = 0;
};

}  // namespace lode::silver
