#include "peer/outbox.h"

#include <cassert>
#include <utility>

namespace lode::peer {

void Outbox::open() {
  std::lock_guard lock(mutex_);
  assert(raft_.empty() && calls_.empty());
  bytes_ = frames_ = 0;
  open_ = idle_ = true;
}

void Outbox::close() {
  std::deque<OutFrame> raft, calls;  // their memory goes after the lock
  std::lock_guard lock(mutex_);
  open_ = false;
  bytes_ = frames_ = 0;
  raft.swap(raft_);
  calls.swap(calls_);
}

Outbox::Pushed Outbox::push(Lane lane, OutFrame frame) {
  const size_t size = frame.bytes();
  std::lock_guard lock(mutex_);
  if (!open_) return {Push::closed, false};
  if (size > max_bytes_ - bytes_ || frames_ >= max_frames_) return {Push::full, false};
  bytes_ += size;
  ++frames_;
  (lane == Lane::raft ? raft_ : calls_).push_back(std::move(frame));
  return {Push::queued, std::exchange(idle_, false)};
}

std::vector<OutFrame> Outbox::take(size_t budget) {
  std::vector<OutFrame> out;
  std::lock_guard lock(mutex_);
  take_lane(raft_, budget, out);
  take_lane(calls_, budget, out);
  idle_ = out.empty();
  return out;
}

void Outbox::take_lane(std::deque<OutFrame>& lane, size_t budget, std::vector<OutFrame>& out) {
  for (size_t taken = 0; !lane.empty() && taken < budget; lane.pop_front()) {
    taken += lane.front().bytes();
    out.push_back(std::move(lane.front()));
  }
}

void Outbox::sent(size_t bytes, size_t frames) {
  std::lock_guard lock(mutex_);
  if (!open_) return;  // close() has forgotten them already
  assert(bytes_ >= bytes && frames_ >= frames);
  bytes_ -= bytes;
  frames_ -= frames;
}

size_t Outbox::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace lode::peer
