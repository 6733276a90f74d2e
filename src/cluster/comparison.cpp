#include "cluster/comparison.h"

#include <algorithm>

namespace lode::cluster {

namespace {
constexpr size_t kKeptEntries = 1024;
}

void Comparison::add(raft::NodeId node, const std::vector<Mark>& marks) {
  for (const Mark& mark : marks) {
    auto& hashes = by_entry_[mark.entry];
    const auto [place, fresh] = hashes.try_emplace(node, mark.hash);
    if (!fresh && place->second == mark.hash) continue;
    place->second = mark.hash;
    judge(mark.entry, hashes);
  }
  while (by_entry_.size() > kKeptEntries) by_entry_.erase(by_entry_.begin());
}

void Comparison::forget(raft::NodeId node) {
  for (auto& [entry, hashes] : by_entry_) hashes.erase(node);
  if (!divergence_) return;
  std::erase(divergence_->nodes, node);
  if (divergence_->nodes.empty()) divergence_.reset();
}

uint64_t Comparison::agreed(const std::vector<raft::NodeId>& nodes) const {
  for (auto at = by_entry_.rbegin(); at != by_entry_.rend(); ++at) {
    const auto& hashes = at->second;
    const bool all = std::all_of(nodes.begin(), nodes.end(), [&](raft::NodeId node) {
      const auto found = hashes.find(node);
      return found != hashes.end() && found->second == hashes.begin()->second;
    });
    if (all && !nodes.empty()) return at->first;
  }
  return 0;
}

// With as many on one side as on the other, those with the higher ids are named.
void Comparison::judge(uint64_t entry, const std::map<raft::NodeId, store::Digest>& hashes) {
  if (divergence_ && divergence_->entry < entry) return;
  const store::Digest* most = nullptr;
  size_t best = 0;
  for (const auto& one : hashes) {
    const store::Digest& hash = one.second;
    const auto same = static_cast<size_t>(
        std::count_if(hashes.begin(), hashes.end(), [&](const auto& other) { return other.second == hash; }));
    if (same > best) {
      best = same;
      most = &hash;
    }
  }
  Divergence out{entry, {}};
  for (const auto& [node, hash] : hashes) {
    if (!(hash == *most)) out.nodes.push_back(node);
  }
  if (!out.nodes.empty()) divergence_ = std::move(out);
}

}  // namespace lode::cluster
