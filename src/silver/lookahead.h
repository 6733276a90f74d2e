// Goes ahead of Silver::apply() over a batch's events: by the time one is applied, what it looks up is in the
// cache, and its ids are hashed once. Apply thread; for one batch, gone before the next.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "event/event.h"
#include "silver/silver.h"
#include "silver/tables.h"

namespace lode::silver {

// What an event is looked up by.
struct EventKeys {
  store::Hash96 order;           // of its order id, if it has one
  store::Hash96 customer;        // of its customer's id, likewise
  uint32_t customer_number = 0;  // 0: none, or a new one
};

class Lookahead {
 public:
  // `lines`: of all events of the batch.
  Lookahead(const Silver& silver, std::span<const event::Event> events, std::span<const event::Line> lines)
      : silver_(silver), tables_(silver.tables()), events_(events), lines_(lines) {}

  // Of events[i]; i ascends from call to call. Valid until the next one.
  const EventKeys& of(size_t i) {
    for (size_t end = std::min(events_.size(), i + kHashed); hashed_ < end; ++hashed_)
      hash(events_[hashed_], ring_[hashed_ % kHashed]);
    for (size_t end = std::min(events_.size(), i + kFound); found_ < end; ++found_)
      find(ring_[found_ % kHashed]);
    return ring_[i % kHashed];
  }

 private:
  // Events in flight: enough that cache lines have the time to arrive between the two steps, and before
  // apply.
  static constexpr size_t kHashed = 16, kFound = 8;

  void hash(const event::Event& event, EventKeys& keys) const {
    keys = {};
    if (event.order_id.empty()) return;
    keys.order = tables_.hash_order(event.order_id);
    tables_.prefetch_order(keys.order);
    if (event.line_count > 0) silver_.prefetch_sku(lines_[event.first_line].sku);
    if (event.customer.id.empty()) return;
    keys.customer = tables_.dictionary().hash(store::Domain::customer, event.customer.id);
    tables_.dictionary().prefetch(keys.customer);
  }
  void find(EventKeys& keys) const {
    if (keys.customer == store::Hash96{}) return;
    keys.customer_number = tables_.dictionary().find(keys.customer);
    if (keys.customer_number != 0) tables_.prefetch_number(keys.customer_number);
  }

  const Silver& silver_;
  const Tables& tables_;
  std::span<const event::Event> events_;
  std::span<const event::Line> lines_;
  std::array<EventKeys, kHashed> ring_;
  size_t hashed_ = 0, found_ = 0;
};

}  // namespace lode::silver
