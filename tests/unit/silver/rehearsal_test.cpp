// A rehearsal says what apply then does, and changes nothing.
#include "silver/rehearsal.h"

#include <gtest/gtest.h>

#include <random>

#include "unit/silver/shop.h"

namespace lode::silver {
namespace {

std::string lines(std::mt19937& dice, bool purchase) {
  static constexpr const char* kSkus[] = {"a", "B", "post"};
  std::string out;
  for (uint32_t n = 1 + dice() % 3; n > 0; --n) {
    out += (out.empty() ? "" : ",") + std::string(R"({"sku":")") + kSkus[dice() % 3] + R"(","quantity":)" +
           std::to_string(dice() % 12 == 0 ? 0 : 1 + dice() % (purchase ? 9 : 3));
    out += dice() % 15 == 0 ? R"(,"unit_price":-1})" : R"(,"unit_price":2})";
  }
  return R"(,"lines":[)" + out + "]";
}

std::string random_event(std::mt19937& dice, int serial) {
  const uint32_t kind = dice() % 10;
  const std::string type = kind < 5 ? "purchase" : kind < 9 ? "refund" : "cancellation";
  std::string json = R"({"event_id":"e)" + std::to_string(serial) + R"(","type":")" + type +
                     R"(","occurred_at":"2011-01-05T08:00:00Z","order_id":"o)" + std::to_string(dice() % 6) +
                     '"';
  if (type == "purchase")
    json += R"(,"currency":")" + std::string(dice() % 12 == 0 ? "QQQ" : "GBP") + R"(","revision":)" +
            std::to_string(dice() % 6);
  return json + (type == "cancellation" ? "" : lines(dice, type == "purchase")) + "}";
}

TEST(RehearsalTest, SaysWhatApplyThenDoesEventByEvent) {
  const char* given = std::getenv("LODE_SEED");
  const uint32_t seed = given != nullptr ? static_cast<uint32_t>(std::stoul(given)) : std::random_device()();
  std::cout << "LODE_SEED=" << seed << std::endl;
  std::mt19937 dice(seed);
  Settings settings{.fee_skus = {"post"}};
  Shop shop(settings);
  int serial = 0, retries = 0, passed = 0;
  for (int round = 0; round < 60; ++round) {
    for (int n = 0; n < 8; ++n) shop.apply(random_event(dice, serial++));
    if (round % 7 == 3) shop.end_epoch();
    // Some retries, first as a rehearsal of all of them, then in earnest.
    std::vector<std::pair<int64_t, std::string>> some;
    for (const auto& [offset, rule] : shop.quarantine()) {
      if (dice() % 4 == 0) some.emplace_back(static_cast<int64_t>(offset), random_event(dice, serial++));
    }
    const auto before = shop.quarantine();
    std::vector<std::optional<Rule>> foreseen;
    {
      std::shared_lock lock(shop.state.mutex());
      Rehearsal rehearsal(settings, shop.tables);
      for (const auto& [offset, json] : some) {
        event::EventBatch batch;
        ASSERT_FALSE(shop.decoder.decode_json(std::make_shared<const std::string>(json), batch));
        ASSERT_EQ(batch.events.size(), 1u) << json;
        batch.events[0].retry_of = offset;
        foreseen.push_back(rehearsal.apply(batch.events[0], batch.lines_of(batch.events[0]), shop.next_offset,
                                           {Shop::kReceived}));
      }
    }
    ASSERT_EQ(shop.quarantine(), before) << "a rehearsal changed something";
    for (size_t i = 0; i < some.size(); ++i, ++retries) {
      const auto rule = shop.apply(some[i].second, some[i].first);
      ASSERT_EQ(rule, foreseen[i]) << "retry of " << some[i].first << ": " << some[i].second;
      passed += rule ? 0 : 1;
    }
  }
  EXPECT_GT(passed, 20);
  EXPECT_GT(retries - passed, 20);
}

}  // namespace
}  // namespace lode::silver
