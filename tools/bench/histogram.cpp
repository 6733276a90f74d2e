#include "bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace lode::bench {
namespace {

// 128 buckets for every power of two; below 256 each value has its own.
constexpr int kBits = 7;
constexpr uint64_t kExact = 2u << kBits;
constexpr uint64_t kLargest = (1ull << 46) - 1;  // 19 hours

size_t index_of(uint64_t value) {
  if (value < kExact) return value;
  int shift = std::bit_width(value) - 1 - kBits;
  return (static_cast<size_t>(shift) << kBits) + (value >> shift);
}

// The largest value of a bucket.
int64_t top_of(size_t index) {
  if (index < kExact) return static_cast<int64_t>(index);
  size_t shift = (index >> kBits) - 1;
  uint64_t mantissa = index - (shift << kBits);
  return static_cast<int64_t>(((mantissa + 1) << shift) - 1);
}

}  // namespace

Histogram::Histogram() : buckets_(index_of(kLargest) + 1) {}

void Histogram::record(int64_t nanoseconds) {
  int64_t value = std::clamp<int64_t>(nanoseconds, 0, static_cast<int64_t>(kLargest));
  buckets_[index_of(static_cast<uint64_t>(value))]++;
  count_++;
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value);
}

void Histogram::merge(const Histogram& other) {
  for (size_t i = 0; i < buckets_.size(); i++) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

int64_t Histogram::quantile(double quantile) const {
  if (count_ == 0) return 0;
  auto wanted = static_cast<uint64_t>(std::ceil(quantile * static_cast<double>(count_)));
  wanted = std::clamp<uint64_t>(wanted, 1, count_);
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); i++) {
    seen += buckets_[i];
    if (seen >= wanted) return std::min(top_of(i), max_);
  }
  return max_;
}

double Histogram::mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

}  // namespace lode::bench
