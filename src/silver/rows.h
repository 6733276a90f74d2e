// The rows of silver's small tables, and their bytes. unpack_… throw store::Damaged. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "silver/rule.h"

namespace lode::silver {

// A field of an upsert with when it was said and by which record: the newest occurred_at wins, of equals the
// later.
template <typename T>
struct Said {
  T value{};
  event::Micros at;
  int64_t offset = -1;  // -1: never

  // True: `value` is newer and was taken.
  bool offer(const T& newer, event::Micros when, uint64_t record) {
    if (offset >= 0 && when < at) return false;
    value = newer;
    at = when;
    offset = static_cast<int64_t>(record);
    return true;
  }
};

// What the CRM says of a customer. Contact data is in the log only: `contact` names the newest record that
// has some.
struct CustomerRow {
  Said<uint32_t> type;     // dictionary number
  Said<uint32_t> country;  // code_of
  Said<uint32_t> source;   // dictionary number, of the newest record
  Said<bool> contact;
  RuleSet rules = 0;
};

// What the inventory says of a product.
struct ProductRow {
  Said<std::string> description;
  Said<uint32_t> category;
  Said<uint32_t> source;
  RuleSet rules = 0;
};

struct QuarantineRow {
  Rule rule = Rule::unknown_order;
  event::EventType type = event::EventType::purchase;
  event::Micros occurred_at;
  uint32_t source = 0;  // dictionary number
  std::string event_id, order_id;
  std::vector<uint64_t> retries;   // offsets of retries that failed, the last kMaxRetries
  std::optional<Rule> retry_rule;  // why the last one failed
  static constexpr size_t kMaxRetries = 16;
};

// What became of a retry.
struct RetryOutcome {
  bool too_late = false;          // what it retries was closed before: it had no effect
  std::optional<Rule> rule = {};  // that refused it; neither: it closed what it retries
};

std::string pack(const CustomerRow& row);
std::string pack(const ProductRow& row);
std::string pack(const QuarantineRow& row);
std::string pack(const RetryOutcome& outcome);
CustomerRow unpack_customer(std::string_view bytes);
ProductRow unpack_product(std::string_view bytes);
QuarantineRow unpack_quarantine(std::string_view bytes);
RetryOutcome unpack_retry(std::string_view bytes);

}  // namespace lode::silver
