#include "sim/judge.h"

#include <cstring>

namespace lode::sim {

namespace {

uint64_t mix(uint64_t hash, std::string_view bytes) {
  hash ^= 0x9e3779b97f4a7c15;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash ^ hash >> 29;
}

std::string text(const char* what, uint64_t number) { return what + std::to_string(number); }

}  // namespace

std::string payload_of(uint64_t cookie, size_t size) {
  std::string out(8 + size, static_cast<char>(cookie));
  std::memcpy(out.data(), &cookie, 8);
  return out;
}

uint64_t cookie_of(std::string_view payload) {
  uint64_t cookie = 0;
  if (payload.size() >= 8) std::memcpy(&cookie, payload.data(), 8);
  return cookie;
}

void Judge::leads(raft::NodeId node, record::Term term) {
  const auto [known, first] = leaders_.emplace(term.value, node.value);
  if (!first && known->second != node.value) {
    throw Violation(text("term ", term.value) + text(" has two leaders: ", known->second) +
                    text(" and ", node.value));
  }
}

void Judge::applies(raft::NodeId node, Chain& chain, record::Term term, log::EntryType type,
                    std::string_view payload) {
  const uint64_t index = ++chain.applied;
  const uint64_t head[2] = {term.value, static_cast<uint64_t>(type)};
  char bytes[sizeof head];
  std::memcpy(bytes, head, sizeof head);
  chain.hash = mix(mix(chain.hash, {bytes, sizeof bytes}), payload);
  if (index > hashes_.size() + 1)
    throw Violation(text("a gap before ", index) + text(" on node ", node.value));
  if (index <= hashes_.size()) {
    if (hashes_[index - 1] != chain.hash) {
      throw Violation(text("committed entry ", index) + text(" is another one on node ", node.value) +
                      text(", term ", term.value));
    }
    return;
  }
  hashes_.push_back(chain.hash);
  if (type != log::EntryType::batch && type != log::EntryType::barrier) return;
  if (!cookies_.emplace(cookie_of(payload), index).second) {
    throw Violation(text("committed twice, at last as entry ", index));
  }
}

void Judge::acknowledged(uint64_t cookie, uint64_t index, std::string_view payload) {
  if (cookie_of(payload) != cookie)
    throw Violation(text("entry acknowledged for another's proposal: ", index) + text(", cookie ", cookie) +
                    text(", holds ", cookie_of(payload)) + text(" of bytes ", payload.size()));
  if (!acknowledged_.emplace(cookie, index).second)
    throw Violation(text("acknowledged twice: entry ", index));
}

void Judge::sum_up() const {
  for (const auto& [cookie, index] : acknowledged_) {
    const auto found = cookies_.find(cookie);
    if (found == cookies_.end() || found->second != index)
      throw Violation(text("acknowledged, not there: ", index));
    if (lost_.contains(cookie)) throw Violation(text("acknowledged and called lost: ", index));
  }
  for (const uint64_t cookie : lost_) {
    if (cookies_.contains(cookie)) throw Violation(text("called lost, but committed: ", cookies_.at(cookie)));
  }
}

}  // namespace lode::sim
