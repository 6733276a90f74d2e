// Counts of durations in log-linear buckets, as HdrHistogram has them: every value is kept within 1 % over
// nine orders of magnitude, in a fixed 40 KiB. Not thread-safe; one a thread, merged at the end.
#pragma once

#include <cstdint>
#include <vector>

namespace lode::bench {

class Histogram {
 public:
  Histogram();

  void record(int64_t nanoseconds);  // below 0 counts as 0
  void merge(const Histogram& other);
  // The least value that a share of `quantile` (0 to 1) of the records does not exceed, rounded up by at most
  // 1 %. 0 when empty.
  int64_t quantile(double quantile) const;
  int64_t max() const { return max_; }
  double mean() const;
  uint64_t count() const { return count_; }

 private:
  std::vector<uint64_t> buckets_;
  uint64_t count_ = 0;
  int64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace lode::bench
