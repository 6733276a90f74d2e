// How long to wait before the next try to connect: soon at first, then twice as long each time up to a cap;
// each wait is between half of that and all of it, so that nodes do not knock in step. One thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <utility>

namespace lode::peer {

class Backoff {
 public:
  using Millis = std::chrono::milliseconds;
  Backoff(Millis first, Millis cap, uint64_t seed) : first_(first), cap_(cap), next_(first), random_(seed) {}

  Millis next() {
    const auto most = std::exchange(next_, std::min(cap_, next_ * 2)).count();
    return Millis(std::uniform_int_distribution<Millis::rep>(most / 2, most)(random_));
  }
  void reset() { next_ = first_; }

 private:
  const Millis first_, cap_;
  Millis next_;
  std::mt19937_64 random_;
};

}  // namespace lode::peer
