// A row's bytes. They describe themselves, so that two of them add up without the view's declaration: cells
// are sums, sets are members with counts, and what becomes zero is left out. Pure; any thread. Bytes that
// cannot be right throw store::Damaged.
//
//   varint cells, each a zigzag varint (up to 128 bits)
//   per set with members, ascending: varint set, varint members, varint bytes, then the members, ascending:
//     varint (id - id before) * 2 + (count != 1), then the zigzag count unless it is 1
//
// A row's key: 8 bytes view, then 4 bytes a key word, all big-endian.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/money.h"
#include "gold/plan.h"
#include "store/bytes.h"

namespace lode::gold {

// `id`: set number in the top byte, the member itself below. Members of all sets of a row lie in one sorted
// list.
struct MemberCount {
  uint64_t id = 0;
  int64_t count = 0;
};
constexpr uint64_t member_id(uint32_t set, uint64_t member) { return uint64_t{set} << 56 | member; }
constexpr uint32_t set_of(uint64_t id) { return static_cast<uint32_t>(id >> 56); }
constexpr uint64_t member_of(uint64_t id) { return id & ((uint64_t{1} << 56) - 1); }

// Appends a row; `members` ascend by id, those with count 0 are left out. Appends nothing for a row that is
// all zero.
void encode_row(std::span<const event::Int128> cells, std::span<const MemberCount> members, std::string& out);

// A row's parts, read without unpacking sets that nobody looks at.
class RowReader {
 public:
  RowReader(std::string_view bytes, std::vector<event::Int128>& cells);  // cells are replaced
  bool next_set();                                                       // false: no more
  uint32_t set() const { return set_; }
  uint64_t members() const { return members_; }
  void read_members(std::vector<MemberCount>& out) const;  // appends

 private:
  friend std::string merge_rows(std::string_view, std::string_view);
  store::Unpacker in_;
  bool first_ = true;
  uint32_t set_ = 0;
  uint64_t members_ = 0;
  std::string_view bytes_;
};

// store::MergeFunction.
std::string merge_rows(std::string_view older, std::string_view newer);

std::string encode_key(const Plan& plan, const Key& key, uint32_t words);  // the first `words` of it
void encode_key(const Plan& plan, const Key& key, uint32_t words, std::string& out);  // `out` is replaced
Key decode_key(const Plan& plan, std::string_view bytes);

}  // namespace lode::gold
