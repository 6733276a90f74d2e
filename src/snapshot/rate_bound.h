// So many bytes a second and no more: who has sent some waits as long as they took. Pure; one thread.
#pragma once

#include <algorithm>
#include <cstdint>

namespace lode::snapshot {

class RateBound {
 public:
  explicit RateBound(uint64_t bytes_per_second) : bytes_per_second_(bytes_per_second) {}  // 0: no bound

  // How long the next bytes must wait; 0: not at all.
  int64_t wait_micros(int64_t now_micros) const { return std::max<int64_t>(0, free_at_ - now_micros); }
  void sent(uint64_t bytes, int64_t now_micros) {
    if (bytes_per_second_ == 0) return;
    const auto takes =
        static_cast<int64_t>(static_cast<double>(bytes) * 1e6 / static_cast<double>(bytes_per_second_));
    free_at_ = std::max(free_at_, now_micros) + takes;
  }

 private:
  uint64_t bytes_per_second_;
  int64_t free_at_ = 0;
};

}  // namespace lode::snapshot
