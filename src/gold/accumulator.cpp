#include "gold/accumulator.h"

#include <bit>

namespace lode::gold {
namespace {

uint32_t cells_at(const Plan& plan) { return ((plan.keys + 1) * 4 + 7) / 8 * 8; }

// A row lies in as few cache lines as may be.
uint32_t row_bytes(const Plan& plan) {
  constexpr uint32_t kLine = 64;
  uint32_t bytes = cells_at(plan) + plan.cells * 8;
  return bytes <= kLine ? std::bit_ceil(bytes) : (bytes + kLine - 1) / kLine * kLine;
}

}  // namespace

EpochRows::EpochRows(const Plan& plan)
    : plan_(&plan), cells_at_(cells_at(plan)), rows_(row_bytes(plan)), members_(sizeof(Member)) {}

Accumulator::Accumulator(const Plan& plan, const Accumulator* before)
    : EpochRows(plan),
      row_index_(before != nullptr ? before->rows_.size() : 0),
      member_index_(before != nullptr ? before->members_.size() : 0) {}

Key EpochRows::key(uint32_t row) const {
  Key key{};
  std::memcpy(key.data(), key_words(row), plan_->keys * sizeof(uint32_t));
  return key;
}

event::Int128 EpochRows::cell(uint32_t row, uint32_t cell) const {
  event::Int128 value = cells(row)[cell];
  if (carries_.empty()) return value;
  auto carry = carries_.find(carry_key(row, cell));
  if (carry != carries_.end()) value += static_cast<event::Int128>(carry->second) << 64;
  return value;
}

void EpochRows::members(uint32_t row, std::vector<MemberCount>& out) const {
  for (uint32_t next = key_words(row)[plan_->keys]; next != 0;) {
    const Member* at = member(next - 1);
    if (at->count != 0) out.push_back({at->id, at->count});
    next = at->next;
  }
}

bool EpochRows::has_more_members(uint32_t row, uint32_t than) const {
  uint32_t count = 0;
  for (uint32_t next = key_words(row)[plan_->keys]; next != 0 && count <= than; ++count) {
    next = member(next - 1)->next;
  }
  return count > than;
}

EpochRows::AllMembers EpochRows::all_members() const {
  AllMembers all;
  all.first.resize(rows_.size() + 2);
  for (uint32_t i = 0; i < members_.size(); ++i) {
    if (member(i)->count != 0) ++all.first[member(i)->row + 2];
  }
  for (size_t row = 2; row < all.first.size(); ++row) all.first[row] += all.first[row - 1];
  all.members.resize(all.first.back());
  // Filling moves each row's beginning to its end, which is where the next row begins.
  for (uint32_t i = 0; i < members_.size(); ++i) {
    const Member* at = member(i);
    if (at->count != 0) all.members[all.first[at->row + 1]++] = {at->id, at->count};
  }
  return all;
}

uint64_t Accumulator::memory_bytes() const {
  return row_index_.memory_bytes() + rows_.memory_bytes() + member_index_.memory_bytes() +
         members_.memory_bytes() + carries_.size() * 32;
}

}  // namespace lode::gold
