#include "gold/booking.h"

#include <algorithm>

namespace lode::gold {
namespace {

// Enough that cache misses overlap, few enough that what is prefetched stays.
constexpr size_t kFactsAFlush = 64;

void add_signed(store::Digest& digest, int sign, uint64_t weight, uint64_t row) {
  unsigned __int128 added = static_cast<unsigned __int128>(weight) * row;
  digest.sum += sign > 0 ? added : -added;
}

}  // namespace

Booking::Booking(const std::vector<View>& views, Calendar calendar, const store::TextHashes& texts)
    : calendar_(std::move(calendar)),
      texts_(texts),
      columns_(1u << static_cast<size_t>(Column::day) | 1u << static_cast<size_t>(Column::customer_id)) {
  for (const View& view : views) {
    for (Column column : view.keys) columns_ |= 1u << static_cast<size_t>(column);
    for (const Plan::Orders& orders : Plan(view).orders) {
      if (std::find(order_masks_.begin(), order_masks_.end(), orders.kinds) == order_masks_.end())
        order_masks_.push_back(orders.kinds);
    }
  }
}

void Booking::take(std::span<const silver::Fact> facts, KindMask kinds) {
  for (const silver::Fact& fact : facts) {
    if ((kinds & bit(fact.kind)) == 0) continue;
    facts_.push_back(fact);
    days_.push_back(day_word(calendar_.day(fact.occurred_at)));
  }
}

bool Booking::add(std::span<const silver::Fact> facts, int sign) {
  auto first = static_cast<uint32_t>(facts_.size());
  facts_.insert(facts_.end(), facts.begin(), facts.end());
  for (const silver::Fact& fact : facts) days_.push_back(day_word(calendar_.day(fact.occurred_at)));
  orders_.push_back({first, static_cast<uint32_t>(facts_.size()), sign, What::all});
  return facts_.size() >= kFactsAFlush;
}

bool Booking::change(std::span<const silver::Fact> kept, std::span<const silver::Fact> gone,
                     std::span<const silver::Fact> come) {
  KindMask changed = 0, counted = 0;
  for (const silver::Fact& fact : gone) changed |= bit(fact.kind);
  for (const silver::Fact& fact : come) changed |= bit(fact.kind);
  for (KindMask kinds : order_masks_) counted |= (kinds & changed) != 0 ? kinds : 0;
  auto begin = static_cast<uint32_t>(facts_.size());
  take(gone, kAllKinds);
  auto kept_first = static_cast<uint32_t>(facts_.size());
  take(kept, counted);  // the others make no order count elsewhere than before
  auto kept_end = static_cast<uint32_t>(facts_.size());
  take(come, kAllKinds);
  auto end = static_cast<uint32_t>(facts_.size());
  if (begin != kept_first) orders_.push_back({begin, kept_first, -1, What::facts});
  if (kept_end != end) orders_.push_back({kept_end, end, 1, What::facts});
  if (counted != 0) {
    orders_.push_back({begin, kept_end, -1, What::order});
    orders_.push_back({kept_first, end, 1, What::order});
  }
  return facts_.size() >= kFactsAFlush;
}

void Booking::flush(Epoch& epoch, Residents& residents, std::vector<uint8_t>& dirty,
                    std::vector<store::Digest>& digests) {
  read_words();
  find_rows(epoch, residents);
  for (const Touch& touch : touches_) dirty[touch.view] = 1;
  members_.clear();
  change_cells(epoch, digests);
  count_orders(epoch, digests);
  change_members(epoch);
  facts_.clear();
  days_.clear();
  orders_.clear();
}

void Booking::read_words() {
  words_.resize(facts_.size());
  hashes_.resize(facts_.size());
  auto read = [this](Column column, auto word_of) {
    if ((columns_ >> static_cast<size_t>(column) & 1) == 0) return;
    for (size_t i = 0; i < facts_.size(); ++i) {
      uint32_t word = word_of(i);
      words_[i][static_cast<size_t>(column)] = word;
      hashes_[i][static_cast<size_t>(column)] = Weights::hash_word(column, word, texts_);
    }
  };
  read(Column::day, [this](size_t i) { return days_[i]; });
  read(Column::country, [this](size_t i) { return facts_[i].country; });
  read(Column::currency, [this](size_t i) { return facts_[i].currency; });
  read(Column::sku, [this](size_t i) { return facts_[i].sku; });
  read(Column::customer_id, [this](size_t i) { return facts_[i].customer; });
  read(Column::customer_type, [this](size_t i) { return facts_[i].customer_type; });
  read(Column::channel, [this](size_t i) { return facts_[i].channel; });
  read(Column::category, [this](size_t i) { return facts_[i].category; });
  read(Column::source, [this](size_t i) { return facts_[i].source; });
  read(Column::kind, [this](size_t i) { return static_cast<uint32_t>(facts_[i].kind); });
}

void Booking::find_rows(Epoch& epoch, Residents& residents) {
  touches_.clear();
  for (uint32_t order = 0; order < orders_.size(); ++order) {
    for (uint32_t view = 0; view < epoch.size(); ++view) {
      const Plan& plan = epoch[view]->plan();
      bool whole = orders_[order].what != What::order;
      size_t own = touches_.size();
      for (uint32_t i = orders_[order].first; i < orders_[order].end; ++i) {
        if (!plan.takes(facts_[i])) continue;
        if (!whole && (plan.order_kinds & bit(facts_[i].kind)) == 0) continue;
        Touch touch{order, view, i, 0, 0, nullptr, plan.key(words_[i]), plan.weights.row(hashes_[i])};
        // Once a row is enough to count an order in it.
        if (!whole && touches_.size() > own && touches_.back().key == touch.key &&
            facts_[touches_.back().fact].kind == facts_[i].kind)
          continue;
        touch.key_hash = hash_key(touch.key, plan.keys);
        epoch[view]->prefetch_index(touch.key_hash);
        touches_.push_back(touch);
      }
    }
  }
  for (const Touch& touch : touches_) epoch[touch.view]->prefetch_row(touch.key_hash);
  for (Touch& touch : touches_) {
    touch.row = epoch[touch.view]->find_or_add(touch.key, touch.key_hash);
    touch.resident = residents.find(touch.view, touch.key, touch.key_hash);
  }
}

void Booking::change_cells(Epoch& epoch, std::vector<store::Digest>& digests) {
  for (const Touch& touch : touches_) {
    if (orders_[touch.order].what == What::order) continue;
    Accumulator& accumulator = *epoch[touch.view];
    const Plan& plan = accumulator.plan();
    const silver::Fact& fact = facts_[touch.fact];
    size_t kind = static_cast<size_t>(fact.kind);
    store::Digest& digest = digests[touch.view];
    unsigned __int128 added = plan.fact_weights[kind].of(fact) * touch.weight;
    digest.sum += sign_of(touch) > 0 ? added : -added;
    for (const Plan::Sum& sum : plan.sums[kind]) {
      event::Int128 value = operand_of(fact, sum.operand) * sign_of(touch);
      accumulator.add(touch.row, sum.cell, value);
      if (touch.resident != nullptr) touch.resident->add(sum.cell, value);
    }
    for (const Plan::Members& members : plan.members[kind]) {
      uint64_t member = members.days ? days_[touch.fact] : fact.customer;
      WordHash hash =
          hashes_[touch.fact][static_cast<size_t>(members.days ? Column::day : Column::customer_id)];
      if (members.days || fact.customer != 0)
        change_member(touch, member_id(members.set, member), hash, accumulator, digest);
    }
  }
}

void Booking::count_orders(Epoch& epoch, std::vector<store::Digest>& digests) {
  for (auto begin = touches_.begin(); begin != touches_.end();) {
    auto end = begin;
    while (end != touches_.end() && end->order == begin->order && end->view == begin->view) ++end;
    Accumulator& accumulator = *epoch[begin->view];
    if (orders_[begin->order].what != What::facts) {
      for (const Plan::Orders& orders : accumulator.plan().orders)
        count_order(orders, {begin, end}, accumulator, digests[begin->view]);
    }
    begin = end;
  }
}

void Booking::count_order(const Plan::Orders& orders, std::span<const Touch> touches,
                          Accumulator& accumulator, store::Digest& digest) {
  distinct_.clear();
  for (const Touch& touch : touches) {
    if ((orders.kinds & bit(facts_[touch.fact].kind)) != 0) distinct_.push_back(&touch);
  }
  if (distinct_.size() > 1) {
    auto by_row = [](const Touch* a, const Touch* b) { return a->row < b->row; };
    auto same_row = [](const Touch* a, const Touch* b) { return a->row == b->row; };
    std::sort(distinct_.begin(), distinct_.end(), by_row);
    distinct_.erase(std::unique(distinct_.begin(), distinct_.end(), same_row), distinct_.end());
  }
  if (distinct_.size() == 1) {
    const Touch& only = *distinct_[0];
    accumulator.add(only.row, orders.cell, sign_of(only));
    auto cell = static_cast<uint64_t>(accumulator.plan().weights.cell(orders.cell));
    add_signed(digest, sign_of(only), cell, only.weight);
    if (only.resident != nullptr) only.resident->add(orders.cell, sign_of(only));
    return;
  }
  for (const Touch* touch : distinct_) {
    uint64_t order = facts_[touch->fact].order;
    change_member(*touch, member_id(orders.set, order), order, accumulator, digest);
  }
}

void Booking::change_member(const Touch& touch, uint64_t id, WordHash hash_of_member,
                            const Accumulator& accumulator, store::Digest& digest) {
  uint64_t weight = accumulator.plan().weights.member(set_of(id), hash_of_member);
  add_signed(digest, sign_of(touch), weight, touch.weight);
  if (!members_.empty()) {
    MemberChange& last = members_.back();
    if (last.id == id && last.view == touch.view && last.row == touch.row) {
      last.count += sign_of(touch);
      return;
    }
  }
  uint32_t hash = hash_member(touch.row, id);
  accumulator.prefetch_member_index(hash);
  members_.push_back({touch.view, touch.row, hash, sign_of(touch), id, touch.resident});
}

void Booking::change_members(Epoch& epoch) {
  for (const MemberChange& change : members_) epoch[change.view]->prefetch_member(change.hash);
  for (const MemberChange& change : members_) {
    epoch[change.view]->add_member(change.row, change.id, change.hash, change.count);
    if (change.resident != nullptr) change.resident->add_member(change.id, change.count);
  }
}

}  // namespace lode::gold
