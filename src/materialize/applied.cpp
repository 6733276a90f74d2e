#include "materialize/applied.h"

namespace lode::materialize {

AppliedPosition Applied::get() const {
  std::lock_guard lock(mutex_);
  return position_;
}

void Applied::advance(AppliedPosition position) {
  std::vector<std::function<void()>> due;
  {
    std::lock_guard lock(mutex_);
    position_ = position;
    auto end = waiters_.upper_bound(position.offset);
    for (auto it = waiters_.begin(); it != end; ++it) due.push_back(std::move(it->second.second));
    waiters_.erase(waiters_.begin(), end);
  }
  for (auto& ready : due) ready();
}

uint64_t Applied::wait(int64_t offset, std::function<void()> ready) {
  {
    std::lock_guard lock(mutex_);
    if (position_.offset < offset) {
      uint64_t ticket = next_ticket_++;
      waiters_.emplace(offset, std::pair{ticket, std::move(ready)});
      return ticket;
    }
  }
  ready();
  return 0;
}

void Applied::cancel(uint64_t ticket) {
  std::lock_guard lock(mutex_);
  for (auto it = waiters_.begin(); it != waiters_.end(); ++it) {
    if (it->second.first != ticket) continue;
    waiters_.erase(it);
    return;
  }
}

}  // namespace lode::materialize
