// Resident rows: the few rows with big sets that somebody reads. What such a row comes to is kept whole in
// memory and current by every booking, so that reading it costs the same however many members it has. All
// others are added up when they are read.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "gold/row_codec.h"

namespace lode::gold {

class Resident {
 public:
  Resident(uint32_t view, const Key& key, std::vector<event::Int128> cells,
           std::span<const MemberCount> members);

  void add(uint32_t cell, event::Int128 value) { cells_[cell] += value; }
  void add_member(uint64_t id, int64_t count);

  const std::vector<event::Int128>& cells() const { return cells_; }
  uint64_t live(uint32_t set) const { return set < live_.size() ? live_[set] : 0; }
  // Appends the members of one set, in no order.
  void members(uint32_t set, std::vector<MemberCount>& out) const;
  uint64_t memory_bytes() const { return members_.capacity() * 17 + 256; }

 private:
  friend class Residents;
  uint32_t view_;
  Key key_;
  std::vector<event::Int128> cells_;
  absl::flat_hash_map<uint64_t, int64_t> members_;
  std::vector<uint64_t> live_;  // members by set
  std::atomic<uint64_t> last_read_ = 0;
};

// Found by readers (state's mutex shared) and by bookings (held exclusively); readers add to it under its own
// mutex while they hold the state's shared, so that no booking is under way.
class Residents {
 public:
  // For the booking thread.
  Resident* find(uint32_t view, const Key& key, uint32_t key_hash) {
    if (rows_.empty()) return nullptr;
    auto found = rows_.find(key_hash);
    return found != rows_.end() && found->second->view_ == view && found->second->key_ == key
               ? found->second.get()
               : nullptr;
  }
  // For readers: calls `visit` with the row if it is resident.
  template <typename Visit>
  bool read(uint32_t view, const Key& key, uint32_t key_hash, Visit visit) {
    std::lock_guard lock(mutex_);
    Resident* row = find(view, key, key_hash);
    if (row == nullptr) return false;
    row->last_read_ = ++reads_;
    visit(static_cast<const Resident&>(*row));
    return true;
  }
  void add(std::unique_ptr<Resident> row, uint32_t key_hash);
  void clear() { rows_.clear(); }
  uint64_t memory_bytes() const { return bytes_; }

 private:
  static constexpr uint64_t kBudgetBytes = 64 << 20;

  std::mutex mutex_;
  std::atomic<uint64_t> reads_ = 0;
  std::atomic<uint64_t> bytes_ = 0;
  absl::flat_hash_map<uint32_t, std::unique_ptr<Resident>>
      rows_;  // by hash of the key: of two, one is resident
};

}  // namespace lode::gold
