// The proposals of this node whose outcome is not told yet, by index and term: what commits at its index with
// its term is committed, what another takes the place of is lost; once an entry of a later term is committed,
// all of earlier terms are lost, because terms never fall along a log. That this node's own log was
// overwritten says nothing: another node may have the entry, and lead.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "raft/message.h"

namespace lode::raft {

class Proposals {
 public:
  void add(record::EntryIndex index, record::Term term, uint64_t cookie, size_t bytes) {
    open_.emplace(index.value, Open{term, cookie, bytes, false});
    bytes_ += bytes;
  }
  struct Told {
    std::optional<uint64_t> cookie;  // of the entry, when it was proposed here
    std::vector<uint64_t> lost;
  };
  // The entry at `index` is committed; indexes only go up.
  Told committed(record::EntryIndex index, record::Term term) {
    Told told;
    if (term > newest_) {
      newest_ = term;
      for (auto at = open_.begin(); at != open_.end();) {
        const Open open = at->second;
        if (open.term >= term) {
          ++at;
          continue;
        }
        told.lost.push_back(open.cookie);
        bytes_ -= open.bytes;
        at = open_.erase(at);
      }
    }
    while (!open_.empty() && open_.begin()->first <= index.value) {
      const auto& [at, open] = *open_.begin();
      if (at == index.value && open.term == term)
        told.cookie = open.cookie;
      else
        told.lost.push_back(open.cookie);  // its place is taken
      pop_front();
    }
    return told;
  }
  // A snapshot took the place of the log up to there: what became of these nobody will tell.
  void forget(record::EntryIndex upto) {
    while (!open_.empty() && open_.begin()->first <= upto.value) pop_front();
  }
  // Leadership is lost: those that have not been called in doubt before.
  std::vector<uint64_t> doubt() {
    std::vector<uint64_t> out;
    for (auto& [at, open] : open_) {
      if (!open.in_doubt) out.push_back(open.cookie);
      open.in_doubt = true;
    }
    return out;
  }
  size_t count() const { return open_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  struct Open {
    record::Term term;
    uint64_t cookie;
    size_t bytes;
    bool in_doubt;
  };
  void pop_front() {
    bytes_ -= open_.begin()->second.bytes;
    open_.erase(open_.begin());
  }
  std::multimap<uint64_t, Open> open_;  // by index
  size_t bytes_ = 0;
  record::Term newest_;  // of what is committed
};

}  // namespace lode::raft
