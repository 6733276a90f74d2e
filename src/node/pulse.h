// Whether something that has work goes on with it: looked at from time to time, it says since when nothing
// has moved. Pure; one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace lode::node {

class Pulse {
 public:
  explicit Pulse(std::chrono::microseconds patience) : patience_(patience) {}

  // `at`: any number that changes whenever something was done. `has_work`: more is to be done, and nothing
  // that may take its time is waited for. True while it goes on.
  bool goes_on(uint64_t at, bool has_work, int64_t steady_micros) {
    if (at != at_ || !has_work || !looked_) since_ = steady_micros;
    at_ = at;
    looked_ = true;
    return steady_micros - since_ <= patience_.count();
  }
  // Of the last look.
  std::chrono::microseconds stands_for(int64_t steady_micros) const {
    return std::chrono::microseconds(steady_micros - since_);
  }

 private:
  const std::chrono::microseconds patience_;
  uint64_t at_ = 0;
  int64_t since_ = 0;
  bool looked_ = false;
};

}  // namespace lode::node
