// The engine inside a program, on a folder of its own.
#include "lode/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <thread>

namespace lode {
namespace {

using testing::HasSubstr;

class EngineTest : public testing::Test {
 protected:
  EngineTest() {
    std::string name = testing::TempDir() + "lode-embed-XXXXXX";
    folder = mkdtemp(name.data());
  }
  ~EngineTest() override { std::filesystem::remove_all(folder); }

  static Purchase purchase(int number) {
    Purchase event{{"e" + std::to_string(number), "shop"},
                   Time(std::chrono::seconds(1'740'819'600)),
                   "o" + std::to_string(number),
                   "EUR"};
    event.lines = {{"mug-1", 4, Money{7'500'000}, Money{3'000'000}, "Mug \"blue\"\n", "kitchen"}};
    event.customer = {"C7", "", "Germany", {"c7@example.com", "", "", ""}};
    return event;
  }
  std::string why_not_open(const Options& options = {}) const {
    try {
      Engine::open(folder, options);
    } catch (const OpenFailed& error) {
      return error.what();
    }
    return "it opens";
  }

  std::string folder;
};

TEST_F(EngineTest, WhatIsAppendedIsInGoldAndInTheNextOpen) {
  {
    Engine engine = Engine::open(folder);
    AppendResult result = engine.append(purchase(1));
    ASSERT_FALSE(result.refusal);
    EXPECT_EQ(result.accepted, 1u);
    EXPECT_EQ(result.first_offset, 0);
    EXPECT_EQ(engine.append(purchase(1)).duplicates, 1u);
    EXPECT_EQ(engine.applied_offset(), 0);
  }
  Engine engine = Engine::open(folder);
  EXPECT_EQ(engine.append(purchase(1)).duplicates, 1u);
  Rows rows = engine.query("daily_sales", {{"country", "DE"}});
  ASSERT_EQ(rows.rows.size(), 1u);
  EXPECT_EQ(std::get<Decimal>(rows.at(0, "gross_sales")).text, "27.00");
  EXPECT_EQ(std::get<std::int64_t>(rows.at(0, "units_sold")), 4);
  EXPECT_EQ(std::get<std::string>(rows.at(0, "currency")), "EUR");
  EXPECT_EQ(rows.as_of_offset, 0);
  EXPECT_THROW(rows.at(0, "no_such_column"), std::out_of_range);
}

TEST_F(EngineTest, EveryTypeOfEventCounts) {
  Engine engine = Engine::open(folder);
  const Time later = Time(std::chrono::seconds(1'740'900'000));
  Refund refund{{"r", "shop"}, later, "o1"};
  refund.lines = {{"MUG-1", 1}};
  AppendResult result = engine.append(std::vector<Event>{
      purchase(1), refund, purchase(2), Cancellation{{"c", "shop"}, later, "o2"},
      CustomerUpdate{{"u", "crm"}, later, "C8", "vip", "Austria", {"x@example.com", "", "", ""}},
      ProductUpdate{{"p", "inventory"}, later, "MUG-1", "Mug, blue", "kitchen"}});
  EXPECT_EQ(result.accepted, 6u) << (result.verdicts.empty() ? "" : result.verdicts[0].detail);
  EXPECT_TRUE(result.verdicts.empty());
  EXPECT_EQ(std::get<std::string>(engine.find("orders", "o2").at(0, "status")), "cancelled");
  EXPECT_EQ(std::get<std::string>(engine.find("customers", "C8").at(0, "type")), "vip");
  EXPECT_EQ(std::get<std::string>(engine.find("products", "MUG-1").at(0, "description")), "Mug, blue");
  EXPECT_EQ(
      std::get<std::int64_t>(engine.query("daily_sales", {{"day", "2025-03-02"}}).at(0, "units_returned")),
      1);
}

TEST_F(EngineTest, VerdictsAndRefusalsSayWhy) {
  Engine engine = Engine::open(folder, {{{"limits.events_per_request", "2"}}, "", {}});
  Purchase wrong = purchase(1);
  wrong.lines[0].unit_price = std::nullopt;
  AppendResult mixed = engine.append(std::vector<Event>{wrong, purchase(2)});
  EXPECT_EQ(mixed.accepted, 1u);
  ASSERT_EQ(mixed.verdicts.size(), 1u);
  EXPECT_EQ(mixed.verdicts[0].status, Verdict::Status::rejected);
  EXPECT_EQ(mixed.verdicts[0].pointer, "/lines/0/unit_price");
  Refund more{{"r", "shop"}, purchase(2).occurred_at, "o2", {{"MUG-1", 9}}};
  EXPECT_EQ(engine.append(more).verdicts.at(0).code, "refund_exceeds_order");
  EXPECT_EQ(engine.append("{").refusal->code, "invalid_json");
  EXPECT_EQ(engine.append(std::vector<Event>(3, purchase(3))).refusal->status, 413);
  EXPECT_EQ(engine.query("daily_sails").refusal->status, 404);
  EXPECT_EQ(engine.query("daily_sales", {{"limit", "0"}}).refusal->pointer, "/limit");
  EXPECT_EQ(engine.find("orders", "none").refusal->status, 404);
}

TEST_F(EngineTest, AFolderIsOpenOnce) {
  Engine engine = Engine::open(folder);
  EXPECT_THAT(why_not_open(), HasSubstr("uses this data folder"));
  engine.close();
  EXPECT_EQ(why_not_open(), "it opens");
  EXPECT_THROW(engine.append("{}"), std::logic_error);
  EXPECT_THROW(static_cast<void>(engine.applied_offset()), std::logic_error);
  engine = Engine::open(folder);
  EXPECT_EQ(engine.append(purchase(1)).accepted, 1u);
  Engine other = std::move(engine);
  EXPECT_EQ(other.append(purchase(1)).duplicates, 1u);
}

TEST_F(EngineTest, SettingsAreThoseOfTheServer) {
  EXPECT_THAT(why_not_open({{{"gold.time_zon", "UTC"}}, "", {}}), HasSubstr("did you mean 'gold.time_zone'"));
  EXPECT_THAT(why_not_open({{{"http.listen", "127.0.0.1:1"}}, "", {}}), HasSubstr("no effect"));
  std::atomic<int> told = 0;
  Engine engine = Engine::open(folder, {{{"gold.time_zone", "Asia/Tokyo"}}, "", {}});
  Purchase late = purchase(1);
  late.occurred_at += std::chrono::hours(8);
  engine.append(late);
  EXPECT_EQ(std::get<std::string>(engine.query("daily_sales").at(0, "day")), "2025-03-02");
  engine.close();
  engine = Engine::open(folder, {{}, "", [&](LogLevel, std::string_view) { ++told; }});
  EXPECT_GT(told, 0) << "another zone: the views are made anew, and the log says so";
  EXPECT_EQ(std::get<std::string>(engine.query("daily_sales").at(0, "day")), "2025-03-01");
}

TEST_F(EngineTest, ASubscriptionHasEveryRecordOnce) {
  Engine engine = Engine::open(folder);
  engine.append(purchase(0));
  engine.append(purchase(1));
  std::vector<std::uint64_t> offsets;
  std::promise<void> all;
  Subscription follower =
      engine.subscribe(1,
                       [&](const Record& record) {
                         offsets.push_back(record.offset);
                         EXPECT_EQ(record.event.find("c7@example.com"), std::string::npos);
                         EXPECT_NE(record.contact.find("c7@example.com"), std::string::npos);
                         if (offsets.size() == 40) all.set_value();
                       },
                       {true, {}});
  for (int number = 2; number <= 40; ++number) engine.append(purchase(number));
  all.get_future().wait();
  for (std::size_t i = 0; i < offsets.size(); ++i) EXPECT_EQ(offsets[i], i + 1);
  engine.close();  // ends it, whatever it waits for
}

TEST_F(EngineTest, ThreadsShareIt) {
  Engine engine = Engine::open(folder);
  std::atomic<uint32_t> accepted = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 50; ++i) {
        accepted += engine.append(purchase(thread * 1000 + i)).accepted;
        EXPECT_FALSE(engine.query("customer_insights").rows.empty());
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(accepted, 200u);
  EXPECT_EQ(std::get<std::int64_t>(engine.query("customer_insights").at(0, "orders")), 200);
}

TEST_F(EngineTest, AppendsUnderWayAreAnsweredByAClose) {
  Engine engine = Engine::open(folder);
  std::atomic<int> answered = 0;
  for (int i = 0; i < 200; ++i)
    engine.append_async(to_json(purchase(i)), {}, [&](const AppendResult&) { ++answered; });
  engine.close();
  EXPECT_EQ(answered, 200);
}

}  // namespace
}  // namespace lode
