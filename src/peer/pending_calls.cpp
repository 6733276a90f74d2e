#include "peer/pending_calls.h"

#include <utility>

namespace lode::peer {

std::optional<PendingCalls::Added> PendingCalls::add(Time deadline, const Done& done, size_t most) {
  std::lock_guard lock(mutex_);
  if (calls_.size() >= most) return std::nullopt;
  const uint64_t correlation = next_++;
  calls_.emplace(correlation, Call{deadline, done});
  const auto place = deadlines_.emplace(deadline, correlation).first;
  return Added{correlation, place == deadlines_.begin()};
}

std::optional<Done> PendingCalls::take(uint64_t correlation) {
  std::lock_guard lock(mutex_);
  const auto found = calls_.find(correlation);
  if (found == calls_.end()) return std::nullopt;
  Done done = std::move(found->second.done);
  deadlines_.erase({found->second.deadline, correlation});
  calls_.erase(found);
  return done;
}

std::vector<Done> PendingCalls::take_due(Time now) {
  std::vector<Done> due;
  std::lock_guard lock(mutex_);
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const auto found = calls_.find(deadlines_.begin()->second);
    due.push_back(std::move(found->second.done));
    calls_.erase(found);
    deadlines_.erase(deadlines_.begin());
  }
  return due;
}

std::vector<Done> PendingCalls::take_all() {
  std::vector<Done> all;
  std::lock_guard lock(mutex_);
  for (auto& [correlation, call] : calls_) all.push_back(std::move(call.done));
  calls_.clear();
  deadlines_.clear();
  return all;
}

std::optional<PendingCalls::Time> PendingCalls::next_deadline() const {
  std::lock_guard lock(mutex_);
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

size_t PendingCalls::size() const {
  std::lock_guard lock(mutex_);
  return calls_.size();
}

}  // namespace lode::peer
