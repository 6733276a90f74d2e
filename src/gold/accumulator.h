// What changed in one view during one epoch: rows by key, each with signed cells and signed counts of
// members. Only deltas; an accumulator alone says nothing about totals. One writer, or many readers.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "event/money.h"
#include "gold/plan.h"
#include "gold/row_codec.h"
#include "gold/slab.h"
#include "gold/slot_index.h"
#include "store/prefetch.h"

namespace lode::gold {

inline uint32_t hash_key(const Key& key, uint32_t words) {
  uint64_t hash = 0x9e3779b97f4a7c15u;
  for (uint32_t i = 0; i < words; ++i) {
    hash = (hash ^ key[i]) * 0xd6e8feb86659fd93u;
    hash ^= hash >> 32;
  }
  return static_cast<uint32_t>(hash ^ hash >> 29);
}

inline uint32_t hash_member(uint32_t row, uint64_t id) {
  uint64_t hash = (id ^ 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;
  hash = (hash ^ hash >> 32 ^ row) * 0xa0761d6478bd642fu;
  return static_cast<uint32_t>(hash ^ hash >> 32);
}

// The rows themselves. A copy is cheap and stays as it was, whatever is booked meanwhile.
class EpochRows {
 public:
  const Plan& plan() const { return *plan_; }
  uint32_t rows() const { return rows_.size(); }
  void prefetch_cells(uint32_t row) const {
    store::prefetch(rows_.at(row));
    if (rows_.element_bytes() > 64) store::prefetch(rows_.at(row) + 64);
  }
  const uint32_t* key_words(uint32_t row) const { return reinterpret_cast<const uint32_t*>(rows_.at(row)); }
  Key key(uint32_t row) const;
  event::Int128 cell(uint32_t row, uint32_t cell) const;
  // Appends a row's members, in no order, counts of 0 left out.
  void members(uint32_t row, std::vector<MemberCount>& out) const;
  bool has_more_members(uint32_t row, uint32_t than) const;
  // The same of all rows at once, without following lists: row r's lie in [first[r], first[r + 1]).
  struct AllMembers {
    std::vector<uint32_t> first;
    std::vector<MemberCount> members;
  };
  AllMembers all_members() const;

 protected:
  struct Member {
    uint64_t id;
    int64_t count;
    uint32_t row;
    uint32_t next;  // of the same row: position + 1
  };

  explicit EpochRows(const Plan& plan);

  const int64_t* cells(uint32_t row) const {
    return reinterpret_cast<const int64_t*>(rows_.at(row) + cells_at_);
  }
  const Member* member(uint32_t position) const {
    return reinterpret_cast<const Member*>(members_.at(position));
  }
  uint64_t carry_key(uint32_t row, uint32_t cell) const { return uint64_t{row} << 16 | cell; }

  const Plan* plan_;
  uint32_t cells_at_;
  Slab rows_;  // a row: key words, the head of its list of members (position + 1), then cells
  Slab members_;
  // What does not fit into a cell's 64 bits, in units of 2^64.
  absl::flat_hash_map<uint64_t, int64_t> carries_;
};

class Accumulator : public EpochRows {
 public:
  static constexpr uint32_t kNone = SlotIndex::kNone;

  // `before`: the epoch before, whose sizes are a guess at this one's; may be null.
  Accumulator(const Plan& plan, const Accumulator* before);

  // Writing. The prefetches hide cache misses: first the indexes, then what they point to.
  void prefetch_index(uint32_t key_hash) const { row_index_.prefetch(key_hash); }
  void prefetch_row(uint32_t key_hash) const;
  uint32_t find_or_add(const Key& key, uint32_t key_hash);
  void add(uint32_t row, uint32_t cell, event::Int128 value);
  void prefetch_member_index(uint32_t member_hash) const { member_index_.prefetch(member_hash); }
  void prefetch_member(uint32_t member_hash) const;
  void add_member(uint32_t row, uint64_t id, uint32_t member_hash, int64_t count);

  uint32_t find(const Key& key, uint32_t key_hash) const;  // kNone: no such row
  uint64_t memory_bytes() const;

 private:
  uint32_t* words(uint32_t row) { return reinterpret_cast<uint32_t*>(rows_.at(row)); }
  int64_t* cells(uint32_t row) { return reinterpret_cast<int64_t*>(rows_.at(row) + cells_at_); }
  Member* changed_member(uint32_t position) { return reinterpret_cast<Member*>(members_.at(position)); }
  bool is(uint32_t row, const Key& key) const {
    const uint32_t* own = key_words(row);
    for (uint32_t i = 0; i < plan_->keys; ++i) {
      if (own[i] != key[i]) return false;
    }
    return true;
  }

  SlotIndex row_index_;
  SlotIndex member_index_;
};

inline void Accumulator::prefetch_row(uint32_t key_hash) const {
  uint32_t row = row_index_.peek(key_hash);
  if (row != kNone) prefetch_cells(row);
}

inline void Accumulator::prefetch_member(uint32_t member_hash) const {
  uint32_t position = member_index_.peek(member_hash);
  if (position != kNone) store::prefetch(members_.at(position));
}

inline uint32_t Accumulator::find(const Key& key, uint32_t key_hash) const {
  return row_index_.find(key_hash, [&](uint32_t row) { return is(row, key); });
}

inline uint32_t Accumulator::find_or_add(const Key& key, uint32_t key_hash) {
  uint32_t row = find(key, key_hash);
  if (row != kNone) return row;
  row = rows_.append();
  std::memcpy(words(row), key.data(), plan_->keys * sizeof(uint32_t));
  row_index_.insert(key_hash, row);
  return row;
}

inline void Accumulator::add(uint32_t row, uint32_t cell, event::Int128 value) {
  int64_t& sum = cells(row)[cell];
  int64_t low = static_cast<int64_t>(value);
  int64_t carry = static_cast<int64_t>((value - low) >> 64);
  int64_t before = sum;
  if (__builtin_add_overflow(before, low, &sum)) carry += low < 0 ? -1 : 1;
  if (carry != 0) carries_[carry_key(row, cell)] += carry;
}

inline void Accumulator::add_member(uint32_t row, uint64_t id, uint32_t member_hash, int64_t count) {
  uint32_t position = member_index_.find(member_hash, [&](uint32_t at) {
    const Member* found = member(at);
    return found->id == id && found->row == row;
  });
  if (position == kNone) {
    position = members_.append();
    uint32_t& head = words(row)[plan_->keys];
    *changed_member(position) = {id, 0, row, head};
    head = position + 1;
    member_index_.insert(member_hash, position);
  }
  changed_member(position)->count += count;
}

}  // namespace lode::gold
