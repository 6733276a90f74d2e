// How new an answer has to be: min_offset, consistency, wait_ms.
#include "wire/fresh_wait.h"

#include <gtest/gtest.h>

#include "fake_exchange.h"

namespace lode::wire {
namespace {

using std::chrono::milliseconds;

TEST(Freshness, IsTakenOutOfTheParameters) {
  query::Parameters parameters = {
      {"day", "2011-01-01"}, {"consistency", "linearizable"}, {"wait_ms", "50"}, {"min_offset", "7"}};
  auto fresh = take_freshness(parameters);
  const auto& freshness = std::get<Freshness>(fresh);
  EXPECT_TRUE(freshness.linearizable);
  EXPECT_EQ(freshness.min_offset, 7);
  EXPECT_EQ(freshness.wait, milliseconds(50));
  EXPECT_EQ(parameters, (query::Parameters{{"day", "2011-01-01"}}));
  parameters = {{"consistency", "local"}};
  EXPECT_FALSE(std::get<Freshness>(take_freshness(parameters)).linearizable);
  for (const query::Parameters& wrong :
       {query::Parameters{{"consistency", "strong"}}, query::Parameters{{"consistency", ""}},
        query::Parameters{{"consistency", "local"}, {"consistency", "local"}}}) {
    parameters = wrong;
    auto refused = take_freshness(parameters);
    ASSERT_TRUE(std::holds_alternative<query::Failure>(refused));
    EXPECT_EQ(std::get<query::Failure>(refused).problem.pointer, "/consistency");
  }
}

using Outcome = std::optional<ingest::Refusal>;
using BarrierDone = std::function<void(Outcome, int64_t)>;

class FreshWait : public testing::Test {
 protected:
  std::future<Outcome> wait(const Freshness& freshness) {
    auto outcome = std::make_shared<std::promise<Outcome>>();
    loop_.run([&] {
      wait_fresh(cluster_, applied_, loop_.get(), freshness,
                 [outcome](Outcome given) { outcome->set_value(std::move(given)); });
    });
    return outcome->get_future();
  }
  static std::string code(std::future<Outcome> outcome) {
    auto given = outcome.get();
    return given ? given->problem.code + " " + given->problem.pointer : "";
  }

  ClusterServices cluster_;
  materialize::Applied applied_;
  RunningLoop loop_;
};

constexpr Freshness kLinearizable{.linearizable = true, .wait = milliseconds(60'000)};

TEST_F(FreshWait, WithoutAClusterEveryReadIsLinearizable) {
  EXPECT_EQ(code(wait(kLinearizable)), "");
  EXPECT_EQ(code(wait({.min_offset = 3, .linearizable = true, .wait = milliseconds(0)})),
            "not_caught_up /min_offset");
}

TEST_F(FreshWait, ALocalReadAsksNobody) {
  cluster_.barrier = [](const BarrierDone&) { FAIL() << "the leader was asked"; };
  EXPECT_EQ(code(wait({})), "");
}

TEST_F(FreshWait, WaitsUntilWhatTheBarrierToldIsApplied) {
  BarrierDone barrier;
  cluster_.barrier = [&](BarrierDone done) { barrier = std::move(done); };
  auto outcome = wait(kLinearizable);
  applied_.advance({8, 0});
  EXPECT_EQ(outcome.wait_for(milliseconds(0)), std::future_status::timeout);
  barrier(std::nullopt, 9);
  loop_.run([] {});
  EXPECT_EQ(outcome.wait_for(milliseconds(0)), std::future_status::timeout);
  applied_.advance({9, 0});
  EXPECT_EQ(code(std::move(outcome)), "");
}

TEST_F(FreshWait, TheLaterOfTheTwoOffsetsCounts) {
  cluster_.barrier = [](const BarrierDone& done) { done(std::nullopt, 2); };
  applied_.advance({2, 0});
  EXPECT_EQ(code(wait(kLinearizable)), "");
  Freshness both = kLinearizable;
  both.min_offset = 3;
  auto outcome = wait(both);
  loop_.run([] {});
  EXPECT_EQ(outcome.wait_for(milliseconds(0)), std::future_status::timeout);
  applied_.advance({3, 0});
  EXPECT_EQ(code(std::move(outcome)), "");
}

TEST_F(FreshWait, ARefusedBarrierRefusesTheRead) {
  cluster_.barrier = [](const BarrierDone& done) {
    done(ingest::Refusal{503, {"no_leader", "", "Nobody leads."}, 1}, -1);
  };
  EXPECT_EQ(code(wait(kLinearizable)), "no_leader ");
}

TEST_F(FreshWait, TimeIsUpWhereverItIsSpent) {
  Freshness soon = kLinearizable;
  soon.wait = milliseconds(1);
  BarrierDone barrier;
  cluster_.barrier = [&](BarrierDone done) { barrier = std::move(done); };
  EXPECT_EQ(code(wait(soon)), "not_caught_up /consistency");
  barrier(std::nullopt, 1);  // too late: nothing happens
  cluster_.barrier = [](const BarrierDone& done) { done(std::nullopt, 1); };
  EXPECT_EQ(code(wait(soon)), "not_caught_up /consistency");
}

}  // namespace
}  // namespace lode::wire
