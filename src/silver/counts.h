// Per dictionary number: how many orders a customer has placed, how many order lines name a sku, and whether
// the CRM or the inventory has a row of it. In memory, because every purchase asks (4 bytes a dictionary
// number); on the disk in blocks of 256 numbers, whole ones, of which something changed in an epoch: a start
// reads few and short rows. A Part: threads and lock as in store/state.h.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "store/prefetch.h"
#include "store/state.h"

namespace lode::silver {

class Counts final : public store::Part {
 public:
  uint32_t get(uint32_t number) const { return value(number) & ~kHasRow; }  // mutex held, shared at least
  bool has_row(uint32_t number) const { return value(number) & kHasRow; }
  void add(uint32_t number) { ++change(number); }                // apply thread; one more
  void mark_row(uint32_t number) { change(number) |= kHasRow; }  // apply thread
  void prefetch(uint32_t number) const {
    if (number / kBlock < blocks_.size()) store::prefetch(&blocks_[number / kBlock].values[number % kBlock]);
  }

  std::vector<store::Family> families() const override;
  void load(std::shared_ptr<const store::Snapshot> snapshot) override;
  void freeze() override;
  void write_frozen(store::Ingestion& ingestion) override;
  void release_frozen(std::shared_ptr<const store::Snapshot> snapshot) override;
  uint64_t memory_bytes() const override;

 private:
  static constexpr uint32_t kBlock = 256;
  static constexpr uint32_t kHasRow = 1u << 31;
  using Values = std::array<uint32_t, kBlock>;
  struct Block {
    Values values{};
    uint32_t epoch = 0;  // in which it changed last
  };
  struct Frozen {
    uint32_t number;  // of the block
    Values values;
  };

  uint32_t value(uint32_t number) const {
    uint32_t block = number / kBlock;
    return block < blocks_.size() ? blocks_[block].values[number % kBlock] : 0;
  }
  uint32_t& change(uint32_t number) {
    uint32_t at = number / kBlock;
    if (at >= blocks_.size()) blocks_.resize(at + 1 + at / 2);
    Block& block = blocks_[at];
    if (block.epoch != epoch_) changed_.push_back(at);
    block.epoch = epoch_;
    return block.values[number % kBlock];
  }

  std::vector<Block> blocks_;
  uint32_t epoch_ = 1;
  std::vector<uint32_t> changed_;  // blocks, in this epoch
  std::vector<Frozen> frozen_;
};

}  // namespace lode::silver
