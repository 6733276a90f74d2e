// The histogram against exact quantiles of the same values.
#include "bench/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "generate/random.h"

namespace lode::bench {
namespace {

int64_t exact(const std::vector<int64_t>& sorted, double quantile) {
  auto rank = static_cast<size_t>(std::ceil(quantile * static_cast<double>(sorted.size())));
  return sorted[std::max<size_t>(rank, 1) - 1];
}

TEST(Histogram, QuantilesAreWithinOnePercent) {
  for (uint64_t seed = 1; seed <= 20; seed++) {
    SCOPED_TRACE(seed);
    generate::Random random(seed);
    Histogram histogram;
    std::vector<int64_t> values;
    for (int i = 0; i < 20'000; i++) {
      auto value = static_cast<int64_t>(random.next() >> (18 + random.below(46)));
      values.push_back(value);
      histogram.record(value);
    }
    std::sort(values.begin(), values.end());
    for (double quantile : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
      int64_t wanted = exact(values, quantile), got = histogram.quantile(quantile);
      EXPECT_GE(got, wanted) << quantile;
      EXPECT_LE(got, wanted + wanted / 100) << quantile;
    }
    EXPECT_EQ(histogram.max(), values.back());
    EXPECT_EQ(histogram.count(), values.size());
  }
}

TEST(Histogram, SmallValuesAreExact) {
  Histogram histogram;
  for (int i = 0; i < 256; i++) histogram.record(i);
  EXPECT_EQ(histogram.quantile(0.5), 127);
  EXPECT_EQ(histogram.quantile(1), 255);
  EXPECT_DOUBLE_EQ(histogram.mean(), 127.5);
}

TEST(Histogram, MergingIsRecordingBoth) {
  Histogram a, b, both;
  for (int64_t i = 0; i < 5000; i++) {
    (i % 3 == 0 ? a : b).record(i * i);
    both.record(i * i);
  }
  a.merge(b);
  for (double quantile : {0.1, 0.5, 0.99, 1.0}) EXPECT_EQ(a.quantile(quantile), both.quantile(quantile));
  EXPECT_EQ(a.count(), both.count());
  EXPECT_EQ(a.max(), both.max());
}

TEST(Histogram, EmptyAndOutOfRange) {
  Histogram histogram;
  EXPECT_EQ(histogram.quantile(0.99), 0);
  histogram.record(-5);
  EXPECT_EQ(histogram.quantile(1), 0);
  histogram.record(INT64_MAX);
  EXPECT_GT(histogram.max(), int64_t{3600} * 1'000'000'000);
}

}  // namespace
}  // namespace lode::bench
