// Per dictionary number: how many orders a customer has placed, how many order lines name a sku, and whether
// the CRM or the inventory has a row of it. In memory, because every purchase asks (8 bytes a dictionary
// number); on the disk what changed in an epoch. A Part: threads and lock as in store/state.h.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "store/state.h"

namespace lode::silver {

class Counts final : public store::Part {
 public:
  uint32_t get(uint32_t number) const {  // mutex held, shared at least
    return number < cells_.size() ? cells_[number].value & ~kHasRow : 0;
  }
  bool has_row(uint32_t number) const { return number < cells_.size() && (cells_[number].value & kHasRow); }
  void add(uint32_t number) { ++change(number); }                // apply thread; one more
  void mark_row(uint32_t number) { change(number) |= kHasRow; }  // apply thread
  void prefetch(uint32_t number) const {
    if (number < cells_.size()) __builtin_prefetch(&cells_[number]);
  }

  std::vector<store::Family> families() const override;
  void load(std::shared_ptr<const store::Snapshot> snapshot) override;
  void freeze() override;
  void write_frozen(store::Ingestion& ingestion) override;
  void release_frozen(std::shared_ptr<const store::Snapshot> snapshot) override;
  uint64_t memory_bytes() const override;

 private:
  struct Cell {
    uint32_t value = 0;
    uint32_t epoch = 0;  // in which it changed last
  };
  uint32_t& change(uint32_t number) {
    if (number >= cells_.size()) cells_.resize(number + 1 + number / 2);
    Cell& cell = cells_[number];
    if (cell.epoch != epoch_) changed_.push_back(number);
    cell.epoch = epoch_;
    return cell.value;
  }

  static constexpr uint32_t kHasRow = 1u << 31;
  std::vector<Cell> cells_;
  uint32_t epoch_ = 1;
  std::vector<uint32_t> changed_;  // in this epoch
  std::vector<std::pair<uint32_t, uint32_t>> frozen_;
};

}  // namespace lode::silver
