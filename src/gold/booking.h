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
#include "store/digest.h"
#include "store/text_hashes.h"

namespace lode::gold {

using Epoch = std::vector<std::unique_ptr<Accumulator>>;  // one a view

class Booking {
 public:
  Booking(const std::vector<View>& views, Calendar calendar, const store::TextHashes& texts);

  // Takes the facts of one whole order. True: enough are waiting for a flush.
  bool add(std::span<const silver::Fact> facts, int sign);
  // Takes what became of an order's facts: `kept` stay, `gone` go, `come` come.
  bool change(std::span<const silver::Fact> kept, std::span<const silver::Fact> gone,
              std::span<const silver::Fact> come);
  // Books what is waiting. `dirty`, by view, becomes 1 for those that took any, and `digests`, by view, take
  // what their rows count now.
  void flush(Epoch& epoch, Residents& residents, std::vector<uint8_t>& dirty,
             std::vector<store::Digest>& digests);

 private:
  // Cells and members add up fact by fact; whether an order counts in a row depends on all of its facts.
  enum class What : uint8_t { all, facts, order };
  struct Order {
    uint32_t first;
    uint32_t end;
    int32_t sign;
    What what;
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
    uint64_t weight;  // of the row
  };
  struct MemberChange {
    uint32_t view;
    uint32_t row;
    uint32_t hash;
    int32_t count;
    uint64_t id;
    Resident* resident;
  };

  void take(std::span<const silver::Fact> facts, KindMask kinds);
  void find_rows(Epoch& epoch, Residents& residents);
  void read_words();
  void change_cells(Epoch& epoch, std::vector<store::Digest>& digests);
  void count_orders(Epoch& epoch, std::vector<store::Digest>& digests);
  void count_order(const Plan::Orders& orders, std::span<const Touch> touches, Accumulator& accumulator,
                   store::Digest& digest);
  void change_member(const Touch& touch, uint64_t id, WordHash hash_of_member, const Accumulator& accumulator,
                     store::Digest& digest);
  void change_members(Epoch& epoch);
  int sign_of(const Touch& touch) const { return orders_[touch.order].sign; }

  Calendar calendar_;
  const store::TextHashes& texts_;
  std::vector<KindMask> order_masks_;  // what orders are counted by, each once
  uint32_t columns_;                   // bit n: column n is a key or a member somewhere
  std::vector<silver::Fact> facts_;    // waiting
  std::vector<uint32_t> days_;         // of facts_
  std::vector<Words> words_;           // of facts_, in a flush
  std::vector<WordHashes> hashes_;     // the same
  std::vector<Order> orders_;          // of facts_
  // Scratch, kept to save allocations.
  std::vector<Touch> touches_;  // by order, then by view
  std::vector<const Touch*> distinct_;
  std::vector<MemberChange> members_;
};

}  // namespace lode::gold
