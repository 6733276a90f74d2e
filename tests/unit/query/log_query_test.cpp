// The log as clients ask for it, without a node.
#include "query/log_query.h"

#include <gtest/gtest.h>

#include <thread>

#include "log/memory_log.h"
#include "query/record_lookup.h"
#include "store/memory_disk.h"

namespace lode::query {
namespace {

std::string code(const Answer<Result>& answer) {
  auto* failure = std::get_if<Failure>(&answer);
  return failure
             ? std::to_string(failure->status) + " " + failure->problem.code + " " + failure->problem.pointer
             : "";
}

class LogQuery : public testing::Test {
 protected:
  LogQuery() : state(std::make_unique<store::MemoryDisk>(index.table().families()), {&index.table()}) {
    for (uint64_t entry = 1; entry <= 6; ++entry) {
      log.append({0}, std::vector<log::Entry>{{{entry}, {1}, log::EntryType::no_op, "x"}});
      index.add({{entry * 10 - 10}, {entry}, 10, {}});  // ten records each
    }
  }

  sequence::BatchIndex index;
  log::MemoryLog log;
  store::State state;
  int64_t applied = 59;
  LogSource source{state, log, index, [this] { return Position{applied, 7}; }};
};

TEST_F(LogQuery, WhatIsGoneIsToldByOffset) {
  log.truncate_prefix({0}, {3});
  for (uint64_t from : {0, 7, 19}) {
    auto answer = query_log(source, {{"from", std::to_string(from)}});
    ASSERT_EQ(code(answer), "410 truncated /from");
    EXPECT_EQ(std::get<Failure>(answer).problem.detail,
              "The first offset that is left is 20; the records before it are gone.");
  }
  auto one = query_log_record(source, 19, {});
  EXPECT_EQ(code(one), "410 truncated ");
  EXPECT_EQ(std::get<Failure>(one).problem.detail,
            "The first offset that is left is 20; the records before it are gone.");
  EXPECT_EQ(code(query_log_record(source, 60, {})), "404 unknown_offset ");
  log.truncate_prefix({0}, {7});
  EXPECT_EQ(std::get<Failure>(query_log_record(source, 3, {})).problem.detail,
            "The first offset that is left is 60; the records before it are gone.");
}

TEST_F(LogQuery, WhatIsGoneWhileAPageIsReadIsTold) {
  // Entries that gave no record an offset lie between, and the log begins at one of them.
  index.add({{60}, {9}, 10, {}});
  applied = 69;
  for (uint64_t entry : {7, 8, 9})
    log.append({0}, std::vector<log::Entry>{{{entry}, {1}, log::EntryType::no_op, "x"}});
  log.truncate_prefix({0}, {8});
  EXPECT_EQ(std::get<Failure>(query_log(source, {{"from", "59"}})).problem.detail,
            "The first offset that is left is 60; the records before it are gone.");
}

TEST_F(LogQuery, WaitsForAnEntryThatIsAppliedBeforeItIsOnTheDisk) {
  std::thread disk([this] {
    log.append({0}, std::vector<log::Entry>{{{7}, {1}, log::EntryType::no_op, "late"}});
  });
  auto stored = read_applied(log, {7});
  disk.join();
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->payload, "late");
  log.truncate_prefix({0}, {8});
  EXPECT_FALSE(read_applied(log, {7}));
}

TEST_F(LogQuery, AnEmptyLogHasNoLastChange) {
  applied = -1;
  Result result = std::get<Result>(query_log(source, {{"from", "60"}}));
  EXPECT_FALSE(result.last_change);
  applied = 0;
  result = std::get<Result>(query_log(source, {{"from", "60"}}));
  EXPECT_EQ(result.last_change, record::Offset{0});
  EXPECT_EQ(result.view, "log");
  EXPECT_EQ(result.view_version, 1u);
}

TEST_F(LogQuery, RefusesWhatItCannotMean) {
  EXPECT_EQ(code(query_log(source, {{"from", "0"}, {"from", "5"}})), "400 invalid_parameter /from");
  EXPECT_EQ(code(query_log(source, {{"form", "0"}})), "400 unknown_parameter /form");
  EXPECT_EQ(code(query_log(source, {{"from", "18446744073709551615"}})), "400 invalid_parameter /from");
}

}  // namespace
}  // namespace lode::query
