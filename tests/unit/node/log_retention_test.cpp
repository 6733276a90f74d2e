// What goes of a log, and what stays: by size, by age, by command.
#include "node/log_retention.h"

#include <gtest/gtest.h>

#include <future>

#include "event/event.h"
#include "log/memory_log.h"
#include "record/batch.h"

namespace lode::node {
namespace {

using record::EntryIndex;
constexpr int64_t kSecond = 1'000'000;

class LogRetentionTest : public testing::Test {
 protected:
  void append(log::EntryType type, const std::string& payload) {
    const log::Entry entry{{log_.last_index({0}).value + 1}, {1}, type, payload};
    log_.append({0}, {&entry, 1});
    applied_ = durable_ = entry.index;
  }
  void append_bytes(int count, size_t bytes) {
    for (int i = 0; i < count; ++i) append(log::EntryType::no_op, std::string(bytes, 'x'));
  }
  void append_at(int64_t seconds) {
    record::BatchWriter writer;
    writer.add(event::Event{});
    append(log::EntryType::batch, writer.encode({seconds * kSecond}));
  }
  uint64_t first() const { return log_.first_index({0}).value; }

  LogRetention::Node node() {
    return {.log = log_,
            .group = {0},
            .clock = clock_,
            .holders =
                [this] {
                  return raft::Retention{{}, durable_, held_, rebuilt_, {}};
                },
            .applied = [this] { return applied_; },
            .make_durable =
                [this] {
                  ++asked_;
                  if (writable_) durable_ = applied_;
                },
            .prune =
                [this](EntryIndex index) {
                  ++prunes_;
                  log_.truncate_prefix({0}, {index.value + 1});
                  return index;
                }};
  }
  Truncation truncate(uint64_t last, bool dry_run = false) {
    LogRetention retention({}, node());
    retention.start();
    std::promise<Truncation> promise;
    retention.truncate({last}, dry_run, [&](const Truncation& done) { promise.set_value(done); });
    return promise.get_future().get();
  }

  log::MemoryLog log_;
  env::ManualClock clock_{1'000'000 * kSecond};
  EntryIndex applied_, durable_;
  std::optional<EntryIndex> held_, rebuilt_;
  bool writable_ = true;
  int asked_ = 0, prunes_ = 0;
};

TEST_F(LogRetentionTest, KeepsEverythingUnlessToldOtherwise) {
  append_bytes(100, 1 << 20);
  append_at(1);
  LogRetention retention({}, node());
  for (int i = 0; i < 30; ++i) retention.look();
  EXPECT_EQ(first(), 1u);
  EXPECT_EQ(retention.held_by(), "");
}

TEST_F(LogRetentionTest, ASizeIsKeptAPartAtATime) {
  append_bytes(200, 1 << 19);
  LogRetention retention({.bytes = 20u << 20, .seconds = 0}, node());
  retention.look();
  EXPECT_EQ(first(), 1u + 200 / 16);
  for (int i = 0; i < 60; ++i) retention.look();
  EXPECT_GE(log_.payload_bytes({0}), 20u << 20);
  EXPECT_LE(log_.payload_bytes({0}), 23u << 20);
  const int before = prunes_;
  append_bytes(1, 1 << 19);
  retention.look();
  EXPECT_EQ(prunes_, before) << "not for every entry";
}

TEST_F(LogRetentionTest, OldRecordsGo) {
  const int64_t now = clock_.now_micros() / kSecond;
  for (int i = 0; i < 100; ++i) {
    append_at(now - 1000 + i * 10);
    append(log::EntryType::barrier, "");
  }
  LogRetention retention({.bytes = 0, .seconds = 500}, node());
  for (int i = 0; i < 60; ++i) retention.look();
  EXPECT_GE(first(), 95u);
  EXPECT_LE(first(), 101u);  // the 50th batch is 500 s old, and stays
  clock_.advance_micros(10'000 * kSecond);
  for (int i = 0; i < 400; ++i) retention.look();
  EXPECT_GE(first(), 199u);
}

TEST_F(LogRetentionTest, WhatAStartWouldReplayStaysUntilTheStateIsWritten) {
  append_bytes(100, 1 << 20);
  durable_ = {20};
  writable_ = false;
  LogRetention retention({.bytes = 10u << 20, .seconds = 0}, node());
  for (int i = 0; i < 60; ++i) retention.look();
  EXPECT_EQ(first(), 21u);
  EXPECT_GE(asked_, 1);
  EXPECT_EQ(retention.held_by(), "the state on the disk is at entry 20");
  writable_ = true;
  for (int i = 0; i < 60; ++i) retention.look();
  EXPECT_GE(first(), 85u);
}

TEST_F(LogRetentionTest, AnOperatorHearsHowFarItWent) {
  append_bytes(100, 10);
  const Truncation dry = truncate(40, true);
  EXPECT_EQ(dry.first.value, 41u);
  EXPECT_EQ(dry.dropped, 40u);
  EXPECT_EQ(first(), 1u);
  held_ = {30};
  const Truncation held = truncate(40);
  EXPECT_EQ(held.first.value, 31u);
  EXPECT_EQ(held.dropped, 30u);
  EXPECT_EQ(held.held_by, "a state at entry 30 is being read by another node");
  EXPECT_EQ(first(), 31u);
  EXPECT_GE(prunes_, 5) << "in parts";
  held_.reset();
  EXPECT_EQ(truncate(40).held_by, "");
  EXPECT_EQ(truncate(20).dropped, 0u);
  rebuilt_ = EntryIndex{0};
  EXPECT_EQ(truncate(60).held_by, "the log is being read to make a state anew");
}

TEST_F(LogRetentionTest, WhatIsAskedForIsWrittenFirst) {
  append_bytes(50, 10);
  durable_ = {0};
  EXPECT_EQ(truncate(1000, true).first.value, 51u) << "a dry run counts on it";
  EXPECT_EQ(asked_, 0);
  EXPECT_EQ(truncate(1000).first.value, 51u);
  EXPECT_EQ(asked_, 1);
}

}  // namespace
}  // namespace lode::node
