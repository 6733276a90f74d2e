#include "gold/resident.h"

namespace lode::gold {

Resident::Resident(uint32_t view, const Key& key, std::vector<event::Int128> cells,
                   std::span<const MemberCount> members)
    : view_(view), key_(key), cells_(std::move(cells)) {
  members_.reserve(members.size());
  for (const MemberCount& member : members) add_member(member.id, member.count);
}

void Resident::add_member(uint64_t id, int64_t count) {
  uint32_t set = set_of(id);
  if (set >= live_.size()) live_.resize(set + 1);
  auto [place, fresh] = members_.try_emplace(id, 0);
  place->second += count;
  if (fresh) ++live_[set];
  if (place->second == 0) {
    members_.erase(place);
    --live_[set];
  }
}

void Resident::members(uint32_t set, std::vector<MemberCount>& out) const {
  for (const auto& [id, count] : members_) {
    if (set_of(id) == set) out.push_back({id, count});
  }
}

void Residents::add(std::unique_ptr<Resident> row, uint32_t key_hash) {
  std::lock_guard lock(mutex_);
  row->last_read_ = ++reads_;
  rows_.insert_or_assign(key_hash, std::move(row));
  for (;;) {
    uint64_t bytes = 0;
    auto oldest = rows_.end();
    for (auto it = rows_.begin(); it != rows_.end(); ++it) {
      bytes += it->second->memory_bytes();
      if (oldest == rows_.end() || it->second->last_read_ < oldest->second->last_read_) oldest = it;
    }
    bytes_ = bytes;
    if (bytes <= kBudgetBytes || rows_.size() == 1) return;
    rows_.erase(oldest);
  }
}

}  // namespace lode::gold
