// An order as a fold of its records: the whole lifecycle of contract section 3 in one pure function.
// Revisions replace, refunds are fitted in offset order, a cancellation is final, what comes before the
// purchase waits.
//
// Texts are views: they live as long as what the state was unpacked from, or the event it came in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "silver/fact.h"
#include "silver/rule.h"

namespace lode::silver {

struct OrderLine {
  uint32_t sku = 0;  // dictionary number
  uint32_t category = 0;
  std::string_view description;
  int32_t quantity = 0;
  bool fee = false;             // the sku is no product
  bool has_unit_price = false;  // a refund's line may be without
  int64_t unit_price = 0;       // millionths
  int64_t discount = 0;         // millionths, of the line, not negative
  RuleSet rules = 0;            // that changed the line
};

// A cleaned purchase, refund or cancellation. What it took from customer and product is fixed in it. A
// purchase that a later revision replaced never counts again and keeps no lines.
struct OrderRecord {
  event::EventType type = event::EventType::purchase;
  uint64_t offset = 0;
  event::Micros occurred_at;
  int64_t revision = 0;
  uint32_t country = 0, currency = 0;                                 // code_of; 0 unless a purchase
  uint32_t customer = 0, customer_type = 0, channel = 0, source = 0;  // dictionary numbers
  RuleSet rules = 0;                                                  // that changed the event as a whole
  std::string_view event_id;  // of refunds and cancellations, for quarantine
  std::vector<OrderLine> lines;
};

struct OrderState {
  uint64_t row = 0;  // the offset of its first record
  std::string_view order_id;
  std::vector<OrderRecord> records;  // offsets ascend
  uint64_t lines_bytes = 0;          // of the counting purchase's lines in the row that it was unpacked from
};

enum class OrderStatus : uint8_t { waiting, open, cancelled };

// What an order's records make of it; refunds have no part in it.
struct Standing {
  OrderStatus status = OrderStatus::waiting;  // waiting: no purchase yet
  // In records. A revision keeps its customer type, and the customer count stays where it was booked: a
  // revision that names another customer moves facts, no count. So new, returning and loyal follow the first
  // purchases alone.
  int first_purchase = -1;
  int purchase = -1;  // the one that counts
};

struct Outcome : Standing {
  std::vector<std::optional<Rule>> verdicts;  // per record: the rule that keeps it in quarantine
  std::vector<Fact> facts;                    // none unless open
  size_t facts_before_last = 0;  // those that come behind are the last record's, when it is a refund
};

// The verdict of a purchase, refund or cancellation depends on earlier ones alone, but for refunds: they are
// fitted against the purchase that counts now. `outcome` is overwritten; its vectors keep their room.
void fold(const OrderState& state, Outcome& outcome);

Standing standing_of(const OrderState& state);

Kind kind_of(const OrderLine& line);

// What all facts of an order have in common when `purchase` counts.
Fact common_fact(const OrderState& state, const OrderRecord& purchase);

}  // namespace lode::silver
