#include "gold/booking.h"

#include <algorithm>

namespace lode::gold {
namespace {

event::Int128 operand_of(const silver::Fact& fact, Measure::Operand operand) {
  switch (operand) {
    case Measure::Operand::quantity:
      return fact.quantity;
    case Measure::Operand::amount:
      return fact.amount;
    case Measure::Operand::discount:
      return fact.discount;
    case Measure::Operand::net_amount:
      return fact.amount - fact.discount;
  }
  return 0;
}

}  // namespace

void Booking::book(std::span<const silver::Fact> facts, int sign, Epoch& epoch, Residents& residents,
                   std::vector<uint8_t>& dirty) {
  days_.clear();
  for (const silver::Fact& fact : facts) days_.push_back(day_word(calendar_.day(fact.occurred_at)));
  find_rows(facts, epoch, residents);
  for (const Touch& touch : touches_) dirty[touch.view] = 1;
  members_.clear();
  change_cells(facts, sign, epoch);
  count_orders(facts, sign, epoch);
  change_members(epoch);
}

void Booking::find_rows(std::span<const silver::Fact> facts, Epoch& epoch, Residents& residents) {
  touches_.clear();
  for (uint32_t view = 0; view < epoch.size(); ++view) {
    const Plan& plan = epoch[view]->plan();
    for (uint32_t i = 0; i < facts.size(); ++i) {
      if (!plan.takes(facts[i])) continue;
      Touch touch{view, i, 0, 0, nullptr, plan.key(facts[i], days_[i])};
      touch.key_hash = hash_key(touch.key, plan.keys);
      epoch[view]->prefetch_index(touch.key_hash);
      touches_.push_back(touch);
    }
  }
  for (const Touch& touch : touches_) epoch[touch.view]->prefetch_row(touch.key_hash);
  const Touch* last = nullptr;
  for (Touch& touch : touches_) {
    if (last != nullptr && last->view == touch.view && last->key == touch.key) {
      touch.row = last->row;
      touch.resident = last->resident;
    } else {
      touch.row = epoch[touch.view]->find_or_add(touch.key, touch.key_hash);
      touch.resident = residents.find(touch.view, touch.key, touch.key_hash);
    }
    last = &touch;
  }
}

void Booking::change_cells(std::span<const silver::Fact> facts, int sign, Epoch& epoch) {
  for (const Touch& touch : touches_) {
    Accumulator& accumulator = *epoch[touch.view];
    const Plan& plan = accumulator.plan();
    const silver::Fact& fact = facts[touch.fact];
    size_t kind = static_cast<size_t>(fact.kind);
    for (const Plan::Sum& sum : plan.sums[kind]) {
      event::Int128 value = operand_of(fact, sum.operand) * sign;
      accumulator.add(touch.row, sum.cell, value);
      if (touch.resident != nullptr) touch.resident->add(sum.cell, value);
    }
    for (const Plan::Members& members : plan.members[kind]) {
      uint64_t member = members.days ? days_[touch.fact] : fact.customer;
      if (members.days || fact.customer != 0) {
        change_member(touch, member_id(members.set, member), sign, accumulator);
      }
    }
  }
}

void Booking::count_orders(std::span<const silver::Fact> facts, int sign, Epoch& epoch) {
  for (auto begin = touches_.begin(); begin != touches_.end();) {
    auto end = begin;
    while (end != touches_.end() && end->view == begin->view) ++end;
    Accumulator& accumulator = *epoch[begin->view];
    for (const Plan::Orders& orders : accumulator.plan().orders) {
      count_order(orders, {begin, end}, facts, sign, accumulator);
    }
    begin = end;
  }
}

void Booking::count_order(const Plan::Orders& orders, std::span<const Touch> touches,
                          std::span<const silver::Fact> facts, int sign, Accumulator& accumulator) {
  distinct_.clear();
  for (const Touch& touch : touches) {
    if ((orders.kinds & bit(facts[touch.fact].kind)) != 0) distinct_.push_back(&touch);
  }
  if (distinct_.size() > 1) {
    auto by_row = [](const Touch* a, const Touch* b) { return a->row < b->row; };
    auto same_row = [](const Touch* a, const Touch* b) { return a->row == b->row; };
    std::sort(distinct_.begin(), distinct_.end(), by_row);
    distinct_.erase(std::unique(distinct_.begin(), distinct_.end(), same_row), distinct_.end());
  }
  if (distinct_.size() == 1) {
    accumulator.add(distinct_[0]->row, orders.cell, sign);
    if (distinct_[0]->resident != nullptr) distinct_[0]->resident->add(orders.cell, sign);
    return;
  }
  for (const Touch* touch : distinct_) {
    change_member(*touch, member_id(orders.set, facts[touch->fact].order), sign, accumulator);
  }
}

void Booking::change_member(const Touch& touch, uint64_t id, int sign, const Accumulator& accumulator) {
  if (!members_.empty()) {
    MemberChange& last = members_.back();
    if (last.id == id && last.view == touch.view && last.row == touch.row) {
      last.count += sign;
      return;
    }
  }
  uint32_t hash = hash_member(touch.row, id);
  accumulator.prefetch_member_index(hash);
  members_.push_back({touch.view, touch.row, hash, sign, id, touch.resident});
}

void Booking::change_members(Epoch& epoch) {
  for (const MemberChange& change : members_) epoch[change.view]->prefetch_member(change.hash);
  for (const MemberChange& change : members_) {
    epoch[change.view]->add_member(change.row, change.id, change.hash, change.count);
    if (change.resident != nullptr) change.resident->add_member(change.id, change.count);
  }
}

}  // namespace lode::gold
