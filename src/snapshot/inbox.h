// Answers to calls on their way from the network's thread to the one that works. Kept alive by the calls
// themselves: an answer that comes too late comes to nobody.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "peer/call.h"

namespace lode::snapshot {

struct Arrival {
  uint64_t call = 0;  // its number
  peer::Answer answer;
};

class Inbox {
 public:
  void put(Arrival arrival) {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    arrivals_.push_back(std::move(arrival));
    changed_.notify_one();
  }
  // Waits; nothing: closed.
  std::optional<Arrival> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !arrivals_.empty(); });
    if (closed_) return std::nullopt;
    Arrival arrival = std::move(arrivals_.front());
    arrivals_.pop_front();
    return arrival;
  }
  // Lets time pass. False: closed.
  bool pause(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, time, [&] { return closed_; });
  }
  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    arrivals_.clear();
    changed_.notify_one();
  }
  bool closed() const {
    std::lock_guard lock(mutex_);
    return closed_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Arrival> arrivals_;
  bool closed_ = false;
};

}  // namespace lode::snapshot
