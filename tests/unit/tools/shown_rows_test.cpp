// A tail of a view that goes on in a new stream: only what is news, and what went away.
#include "lodectl/shown_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lodectl/sse.h"

namespace lode::lodectl {
namespace {

const char kOne[] = R"({"day":"2024-01-01","country":"GB","units":1})";
const char kOneMore[] = R"({"day":"2024-01-01","country":"GB","units":2})";
const char kOther[] = R"({"day":"2024-01-02","country":"GB","units":1})";

TEST(ShownRows, ANewStreamTellsOnlyWhatChanged) {
  ShownRows rows({"day", "country"});
  rows.begin();
  EXPECT_TRUE(rows.is_news(kOne));
  EXPECT_TRUE(rows.is_news(kOther));
  EXPECT_TRUE(rows.is_news(kOneMore));
  EXPECT_TRUE(rows.is_news(kOne)) << "within one stream everything is a change";
  rows.begin();
  EXPECT_TRUE(rows.awaits_rows());
  EXPECT_FALSE(rows.is_news(kOne));
  EXPECT_THAT(rows.take_gone(), testing::ElementsAre(R"({"day":"2024-01-02","country":"GB"})"));
  EXPECT_FALSE(rows.awaits_rows());
  rows.begin();
  EXPECT_TRUE(rows.is_news(kOneMore));
  EXPECT_TRUE(rows.is_news(kOther)) << "it was gone";
}

TEST(ShownRows, WhatTheStreamRemovesIsNotAwaited) {
  ShownRows rows({"day", "country"});
  rows.begin();
  rows.is_news(kOne);
  rows.remove(R"({"day":"2024-01-01","country":"GB"})");
  rows.begin();
  EXPECT_FALSE(rows.awaits_rows());
}

TEST(SseReader, TellsHeartbeats) {
  SseReader reader;
  std::vector<std::string> told;
  auto event = [&](std::string_view name, std::string_view, std::string_view data) {
    told.push_back(std::string(name) + std::string(data));
    return true;
  };
  EXPECT_TRUE(reader.feed(": \n\nevent: row\nid: 1\ndata: {}\n\n:", event));
  EXPECT_TRUE(reader.feed("\n\n", event));
  EXPECT_THAT(told, testing::ElementsAre(":", "row{}", ":"));
}

}  // namespace
}  // namespace lode::lodectl
