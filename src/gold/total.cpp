#include "gold/total.h"

#include <algorithm>

#include "store/bytes.h"

namespace lode::gold {

using event::Int128;

void Total::add_packed(std::string_view bytes) {
  std::vector<Int128> cells;
  RowReader row(bytes, cells);
  if (cells.size() != cells_.size()) throw store::Damaged("a gold row has another shape than its view");
  for (size_t i = 0; i < cells.size(); ++i) cells_[i] += cells[i];
  add_packed_sets(bytes);
}

void Total::add_packed_sets(std::string_view bytes) {
  std::vector<Int128> ignored;
  RowReader row(bytes, ignored);
  if (!row.next_set()) return;
  if (packed_.empty() && members_.empty()) {
    packed_ = bytes;
    return;
  }
  unpack();
  do {
    row.read_members(members_);
  } while (row.next_set());
  compact();
}

void Total::add(std::span<const Int128> cells, std::span<const MemberCount> members) {
  for (size_t i = 0; i < cells.size(); ++i) cells_[i] += cells[i];
  if (members.empty()) return;
  unpack();
  members_.insert(members_.end(), members.begin(), members.end());
  compact();
}

void Total::add(const Total& other) {
  add(other.cells_, other.members_);
  if (!other.packed_.empty()) add_packed_sets(other.packed_);
}

void Total::unpack() {
  if (packed_.empty()) return;
  std::vector<Int128> cells;
  for (RowReader row(packed_, cells); row.next_set();) row.read_members(members_);
  compacted_ = members_.size();
  packed_.clear();
}

// From time to time, so that a big roll-up holds each member about once.
void Total::compact() {
  if (members_.size() > 2 * compacted_ + 4096) settle();
}

void Total::settle() {
  if (compacted_ == members_.size()) return;
  auto by_id = [](const MemberCount& a, const MemberCount& b) { return a.id < b.id; };
  std::sort(members_.begin() + static_cast<std::ptrdiff_t>(compacted_), members_.end(), by_id);
  std::inplace_merge(members_.begin(), members_.begin() + static_cast<std::ptrdiff_t>(compacted_),
                     members_.end(), by_id);
  size_t kept = 0;
  for (size_t i = 0; i < members_.size();) {
    MemberCount sum = members_[i];
    for (++i; i < members_.size() && members_[i].id == sum.id; ++i) sum.count += members_[i].count;
    if (sum.count != 0) members_[kept++] = sum;
  }
  members_.resize(kept);
  compacted_ = kept;
}

bool Total::zero() const {
  return packed_.empty() && members_.empty() &&
         std::all_of(counted_.begin(), counted_.end(), [](uint64_t live) { return live == 0; }) &&
         std::all_of(cells_.begin(), cells_.end(), [](Int128 cell) { return cell == 0; });
}

uint64_t Total::live(uint32_t set) const {
  if (set < counted_.size()) return counted_[set];
  if (!packed_.empty()) {
    std::vector<Int128> cells;
    for (RowReader row(packed_, cells); row.next_set();) {
      if (row.set() == set) return row.members();
    }
    return 0;
  }
  return static_cast<uint64_t>(std::count_if(members_.begin(), members_.end(),
                                             [set](const MemberCount& m) { return set_of(m.id) == set; }));
}

std::optional<std::pair<uint64_t, uint64_t>> Total::extremes(uint32_t set) const {
  std::vector<MemberCount> own;
  const std::vector<MemberCount>* members = &members_;
  if (!packed_.empty()) {
    std::vector<Int128> cells;
    for (RowReader row(packed_, cells); row.next_set();) {
      if (row.set() == set) row.read_members(own);
    }
    members = &own;
  }
  std::optional<std::pair<uint64_t, uint64_t>> found;
  for (const MemberCount& member : *members) {
    if (set_of(member.id) != set) continue;
    if (!found) found.emplace(member_of(member.id), member_of(member.id));
    found->second = member_of(member.id);
  }
  return found;
}

std::vector<MemberCount> Total::members() const {
  if (packed_.empty()) return members_;
  std::vector<MemberCount> out;
  std::vector<Int128> cells;
  for (RowReader row(packed_, cells); row.next_set();) row.read_members(out);
  return out;
}

}  // namespace lode::gold
