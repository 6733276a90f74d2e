#include "raft/write_queue.h"

#include <gtest/gtest.h>

namespace lode::raft {
namespace {

std::vector<Entry> entries(uint64_t term, size_t count) {
  return std::vector<Entry>(count, Entry{{term}, log::EntryType::batch, "12345", {}});
}

TEST(WriteQueue, WhatWaitsBecomesOneBatch) {
  WriteQueue queue;
  queue.push({1}, entries(1, 2), 0);
  queue.push({3}, entries(1, 1), 0);
  const auto batch = queue.take(1000);
  EXPECT_EQ(batch.first.value, 1u);
  EXPECT_EQ(batch.last().value, 3u);
  EXPECT_EQ(batch.log_entries()[2].index.value, 3u);
  EXPECT_TRUE(queue.empty());
}

TEST(WriteQueue, LaterEntriesTakeThePlaceOfEarlierOnes) {
  WriteQueue queue;
  queue.push({5}, entries(1, 6), 0);  // 5..10
  queue.push({8}, entries(2, 1), 1);
  auto batch = queue.take(1000);
  EXPECT_EQ(batch.first.value, 5u);
  EXPECT_EQ(batch.last().value, 8u);
  EXPECT_EQ(batch.epoch, 1u);
  EXPECT_EQ(batch.entries[3].term.value, 2u);
  queue.push({5}, entries(1, 6), 1);
  queue.push({3}, entries(3, 1), 2);
  batch = queue.take(1000);
  EXPECT_EQ(batch.first.value, 3u);
  EXPECT_EQ(batch.last().value, 3u);
}

TEST(WriteQueue, ABatchIsBounded) {
  WriteQueue queue;
  for (uint64_t i = 0; i < 3; ++i) queue.push({1 + i * 2}, entries(1, 2), 0);
  EXPECT_EQ(queue.take(15).entries.size(), 4u);
  EXPECT_EQ(queue.take(15).first.value, 5u);
}

}  // namespace
}  // namespace lode::raft
