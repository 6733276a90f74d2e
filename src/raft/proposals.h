// The proposals of this node whose outcome is not told yet, by index and term: what commits at its index with
// its term is committed; what another term overwrites is lost.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "raft/message.h"

namespace lode::raft {

class Proposals {
 public:
  void add(record::EntryIndex index, record::Term term, uint64_t cookie, size_t bytes) {
    open_.push_back({index, term, cookie, bytes, false});
    bytes_ += bytes;
  }
  // The entry at `index` is committed; indexes only go up. The cookie, if it was proposed here.
  std::optional<uint64_t> committed(record::EntryIndex index, record::Term term) {
    while (!open_.empty() && open_.front().index < index) pop_front();
    if (open_.empty() || open_.front().index != index || open_.front().term != term) return std::nullopt;
    const uint64_t cookie = open_.front().cookie;
    pop_front();
    return cookie;
  }
  // Entries from `from` on are overwritten. Their cookies, oldest first.
  std::vector<uint64_t> truncate(record::EntryIndex from) {
    std::vector<uint64_t> out;
    for (; !open_.empty() && open_.back().index >= from; open_.pop_back()) {
      bytes_ -= open_.back().bytes;
      out.insert(out.begin(), open_.back().cookie);
    }
    return out;
  }
  // Leadership is lost: those that have not been called in doubt before.
  std::vector<uint64_t> doubt() {
    std::vector<uint64_t> out;
    for (Open& open : open_) {
      if (!open.in_doubt) out.push_back(open.cookie);
      open.in_doubt = true;
    }
    return out;
  }
  size_t count() const { return open_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  struct Open {
    record::EntryIndex index;
    record::Term term;
    uint64_t cookie;
    size_t bytes;
    bool in_doubt;
  };
  void pop_front() {
    bytes_ -= open_.front().bytes;
    open_.pop_front();
  }
  std::deque<Open> open_;
  size_t bytes_ = 0;
};

}  // namespace lode::raft
