// Turns orders' facts into changes of every view's accumulator. Some orders are gathered and all views worked
// through together, step by step, so that cache misses overlap instead of adding up. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "gold/accumulator.h"
#include "gold/calendar.h"
#include "gold/resident.h"
#include "silver/fact.h"

namespace lode::gold {

using Epoch = std::vector<std::unique_ptr<Accumulator>>;  // one a view

class Booking {
 public:
  explicit Booking(Calendar calendar) : calendar_(std::move(calendar)) {}

  // Takes the facts of one whole order. True: enough are waiting for a flush.
  bool add(std::span<const silver::Fact> facts, int sign);
  // Books what is waiting. `dirty`, by view, becomes 1 for those that took any.
  void flush(Epoch& epoch, Residents& residents, std::vector<uint8_t>& dirty);

 private:
  struct Order {
    uint32_t first;
    uint32_t end;
    int32_t sign;
  };
  // One fact in one view.
  struct Touch {
    uint32_t order;
    uint32_t view;
    uint32_t fact;
    uint32_t key_hash;
    uint32_t row;
    Resident* resident;
    Key key;
  };
  struct MemberChange {
    uint32_t view;
    uint32_t row;
    uint32_t hash;
    int32_t count;
    uint64_t id;
    Resident* resident;
  };

  void find_rows(Epoch& epoch, Residents& residents);
  void change_cells(Epoch& epoch);
  void count_orders(Epoch& epoch);
  void count_order(const Plan::Orders& orders, std::span<const Touch> touches, Accumulator& accumulator);
  void change_member(const Touch& touch, uint64_t id, const Accumulator& accumulator);
  void change_members(Epoch& epoch);
  int sign_of(const Touch& touch) const { return orders_[touch.order].sign; }

  Calendar calendar_;
  std::vector<silver::Fact> facts_;  // waiting
  std::vector<uint32_t> days_;       // of facts_
  std::vector<Order> orders_;        // of facts_
  // Scratch, kept to save allocations.
  std::vector<Touch> touches_;  // by order, then by view
  std::vector<const Touch*> distinct_;
  std::vector<MemberChange> members_;
};

}  // namespace lode::gold
