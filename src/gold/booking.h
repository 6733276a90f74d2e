// Turns an order's facts into changes of every view's accumulator. The views are worked through together,
// step by step, so that their cache misses overlap instead of adding up. One thread.
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

  // Facts of one whole order. `dirty`, by view, becomes 1 for those that took any.
  void book(std::span<const silver::Fact> facts, int sign, Epoch& epoch, Residents& residents,
            std::vector<uint8_t>& dirty);

 private:
  // One fact in one view.
  struct Touch {
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

  void find_rows(std::span<const silver::Fact> facts, Epoch& epoch, Residents& residents);
  void change_cells(std::span<const silver::Fact> facts, int sign, Epoch& epoch);
  void count_orders(std::span<const silver::Fact> facts, int sign, Epoch& epoch);
  void count_order(const Plan::Orders& orders, std::span<const Touch> touches,
                   std::span<const silver::Fact> facts, int sign, Accumulator& accumulator);
  void change_member(const Touch& touch, uint64_t id, int sign, const Accumulator& accumulator);
  void change_members(Epoch& epoch);

  Calendar calendar_;
  // Scratch, kept to save allocations.
  std::vector<uint32_t> days_;
  std::vector<Touch> touches_;  // by view
  std::vector<const Touch*> distinct_;
  std::vector<MemberChange> members_;
};

}  // namespace lode::gold
