// What rows come to when they are added up: one row's epochs and its place on the disk, or many rows of a
// roll-up. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gold/row_codec.h"

namespace lode::gold {

class Total {
 public:
  explicit Total(uint32_t cells) : cells_(cells) {}

  // A row as it lies on the disk. Its sets are unpacked only if more is added.
  void add_packed(std::string_view bytes);
  void add(std::span<const event::Int128> cells, std::span<const MemberCount> members);
  void add(const Total& other);
  // Members whose number is known without listing them (a resident row's).
  void set_live(std::vector<uint64_t> live) { counted_ = std::move(live); }

  // Adds up what is still loose; call it before asking.
  void settle();
  bool zero() const;
  const std::vector<event::Int128>& cells() const { return cells_; }
  uint64_t live(uint32_t set) const;                                          // how many different members
  std::optional<std::pair<uint64_t, uint64_t>> extremes(uint32_t set) const;  // the least and the greatest
  std::vector<MemberCount> members() const;                                   // of all sets, ascending

 private:
  void add_packed_sets(std::string_view bytes);
  void unpack();
  void compact();

  std::vector<event::Int128> cells_;
  std::string packed_;  // a row whose sets are all that was added so far; its cells are in cells_ already
  std::vector<MemberCount> members_;  // those up to compacted_ ascend by id and have counts other than 0
  size_t compacted_ = 0;
  std::vector<uint64_t> counted_;
};

}  // namespace lode::gold
