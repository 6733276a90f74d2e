// What waits to be sent on one connection: two lanes, so that Raft's messages do not stand behind a queue of
// large requests, bounded in bytes and frames together. Any thread; what it keeps counts until it was sent.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "peer/frame.h"

namespace lode::peer {

class Outbox {
 public:
  enum class Lane : uint8_t { raft, calls };
  enum class Push : uint8_t { queued, closed, full };
  struct Pushed {
    Push result = Push::queued;
    bool wake = false;  // the sender found nothing the last time: tell it
  };

  Outbox(size_t max_bytes, size_t max_frames) : max_bytes_(max_bytes), max_frames_(max_frames) {}

  void open();   // at first it is closed
  void close();  // drops what waits, and what comes until open()

  Pushed push(Lane lane, OutFrame frame);

  // The next frames, at least one if any waits, up to about `budget` bytes of each lane. After an empty
  // result the next push() says wake. They count as waiting until sent() is told their bytes.
  std::vector<OutFrame> take(size_t budget);
  void sent(size_t bytes, size_t frames);

  size_t bytes() const;

 private:
  void take_lane(std::deque<OutFrame>& lane, size_t budget, std::vector<OutFrame>& out);

  const size_t max_bytes_, max_frames_;
  mutable std::mutex mutex_;
  std::deque<OutFrame> raft_, calls_;
  size_t bytes_ = 0, frames_ = 0;  // waiting or being sent
  bool open_ = false, idle_ = true;
};

}  // namespace lode::peer
