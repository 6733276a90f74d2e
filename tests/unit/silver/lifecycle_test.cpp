// The lifecycle as apply() sees it: quarantine, retries, upserts, counters, over the ends of epochs.
#include <gtest/gtest.h>

#include "shop.h"
#include "silver/cleaner.h"
#include "silver/currency.h"

namespace lode::silver {
namespace {

std::string purchase(const std::string& id, const std::string& rest, const std::string& event_id = "") {
  return R"({"event_id":")" + (event_id.empty() ? "p-" + id : event_id) +
         R"(","type":"purchase","occurred_at":"2011-01-05T10:00:00Z","order_id":")" + id +
         R"(","currency":"GBP",)" + rest + "}";
}
std::string refund(const std::string& event_id, const std::string& id, int quantity,
                   const std::string& sku = "A") {
  return R"({"event_id":")" + event_id +
         R"(","type":"refund","occurred_at":"2011-01-07T10:00:00Z","order_id":")" + id +
         R"(","lines":[{"sku":")" + sku + R"(","quantity":)" + std::to_string(quantity) + "}]}";
}
std::string cancellation(const std::string& event_id, const std::string& id) {
  return R"({"event_id":")" + event_id +
         R"(","type":"cancellation","occurred_at":"2011-01-08T10:00:00Z","order_id":")" + id + R"("})";
}
std::string customer(const std::string& event_id, const std::string& at, const std::string& fields) {
  return R"({"event_id":")" + event_id + R"(","type":"customer","occurred_at":")" + at + R"(","customer":{)" +
         fields + "}}";
}
const std::string kLine = R"("lines":[{"sku":"A","quantity":3,"unit_price":"2"}])";

using Quarantine = std::map<uint64_t, Rule>;

TEST(Silver, ARefundWaitsForItsOrderOverTheEndOfAnEpoch) {
  Shop shop;
  EXPECT_EQ(shop.apply(refund("r1", "o1", 1)), Rule::unknown_order);
  EXPECT_TRUE(shop.facts.facts().empty());
  shop.end_epoch();
  EXPECT_EQ(shop.apply(purchase("o1", kLine)), std::nullopt);
  EXPECT_EQ(shop.quarantine(), Quarantine{});
  ASSERT_EQ(shop.facts.facts().size(), 2u);
  EXPECT_EQ(shop.facts.facts()[1].kind, Kind::return_);
  EXPECT_EQ(shop.facts.facts()[1].order, 0u);  // the row is named after the first record
}

TEST(Silver, ARevisionSendsARefundToQuarantineAndALaterOneBringsItBack) {
  Shop shop;
  shop.apply(purchase("o1", kLine));
  shop.apply(refund("r1", "o1", 3));
  shop.end_epoch();
  shop.apply(purchase("o1", R"("revision":1,"lines":[{"sku":"A","quantity":1,"unit_price":"2"}])", "p2"));
  EXPECT_EQ(shop.quarantine(), (Quarantine{{1, Rule::refund_exceeds_order}}));
  EXPECT_EQ(shop.tables.get_quarantined(1)->event_id, "r1");
  EXPECT_EQ(shop.facts.facts().size(), 1u);
  shop.apply(purchase("o1", R"("revision":2,"lines":[{"sku":"A","quantity":5,"unit_price":"2"}])", "p3"));
  EXPECT_EQ(shop.quarantine(), Quarantine{});
  EXPECT_EQ(shop.facts.facts().size(), 2u);
}

TEST(Silver, ACancellationTakesEverythingOut) {
  Shop shop;
  shop.apply(purchase("o1", kLine));
  shop.apply(refund("r1", "o1", 1));
  EXPECT_EQ(shop.apply(cancellation("c1", "o1")), std::nullopt);
  EXPECT_TRUE(shop.facts.facts().empty());
  EXPECT_EQ(shop.apply(refund("r2", "o1", 1)), Rule::order_cancelled);
  EXPECT_EQ(shop.apply(purchase("o1", R"("revision":9,)" + kLine, "p2")), Rule::order_cancelled);
  EXPECT_EQ(shop.quarantine(), (Quarantine{{3, Rule::order_cancelled}, {4, Rule::order_cancelled}}));
}

TEST(Silver, ARefusedEventLeavesNoTrace) {
  Shop shop;
  EXPECT_EQ(shop.apply(purchase(
                "o1", R"("customer":{"id":"c"},"lines":[{"sku":"A","quantity":1,"unit_price":"-1"}])")),
            Rule::negative_price);
  EXPECT_FALSE(shop.tables.find_order("o1"));
  EXPECT_EQ(shop.tables.dictionary().find(store::Domain::sku, "A"), std::nullopt);
  EXPECT_EQ(shop.tables.dictionary().find(store::Domain::customer, "c"), std::nullopt);
  shop.apply(purchase("o1", R"("customer":{"id":"c"},)" + kLine, "p2"));
  EXPECT_EQ(shop.text(shop.facts.facts()[0].customer_type), "new");
  EXPECT_EQ(shop.apply(purchase("o1", R"("lines":[{"sku":"B","quantity":1,"unit_price":"1"}])", "p3")),
            Rule::duplicate_order);
  EXPECT_EQ(shop.tables.dictionary().find(store::Domain::sku, "B"), std::nullopt);
}

TEST(Silver, TheFirstSuccessfulRetryClosesTheEvent) {
  Shop shop;
  const std::string bad = purchase("o1", R"("lines":[{"sku":"A","quantity":1,"unit_price":"-1"}])");
  shop.apply(bad);
  EXPECT_EQ(shop.apply(bad, 0), Rule::negative_price);
  EXPECT_EQ(shop.quarantine(), (Quarantine{{0, Rule::negative_price}}));
  EXPECT_EQ(shop.tables.get_quarantined(0)->retries, std::vector<uint64_t>{1});
  EXPECT_EQ(shop.apply(purchase("o1", kLine), 0), std::nullopt);
  EXPECT_EQ(shop.quarantine(), Quarantine{});
  EXPECT_EQ(shop.tables.find_order("o1"), 2u);
  // Late retries of what is closed do nothing.
  EXPECT_EQ(shop.apply(purchase("o2", kLine), 0), std::nullopt);
  EXPECT_FALSE(shop.tables.find_order("o2"));
}

TEST(Silver, ARetriedRefundCountsOnce) {
  Shop shop;
  shop.apply(purchase("o1", kLine));
  EXPECT_EQ(shop.apply(refund("r1", "o1", 9)), Rule::refund_exceeds_order);
  EXPECT_EQ(shop.apply(refund("r1", "o1", 2), 1), std::nullopt);
  EXPECT_EQ(shop.quarantine(), Quarantine{});
  // Enough for the first refund too, had its retry not closed it.
  shop.apply(purchase("o1", R"("revision":1,"lines":[{"sku":"A","quantity":50,"unit_price":"2"}])", "p2"));
  ASSERT_EQ(shop.facts.facts().size(), 2u);
  EXPECT_EQ(shop.facts.facts()[1].quantity, 2);
}

TEST(Silver, ARetryForAnotherOrderTakesTheWaitingEventWithIt) {
  Shop shop;
  shop.apply(refund("r1", "typo", 1));
  shop.apply(purchase("o1", kLine));
  EXPECT_EQ(shop.apply(refund("r1", "elsewhere", 1), 0), Rule::unknown_order);
  EXPECT_EQ(shop.apply(refund("r1", "o1", 1), 0), std::nullopt);
  EXPECT_EQ(shop.quarantine(), Quarantine{});
  shop.apply(purchase("typo", kLine));
  EXPECT_EQ(shop.facts.facts().size(), 3u);
  EXPECT_EQ(shop.quarantine(), Quarantine{});
}

// `count` lines of A, one unit each.
std::string lines_of(int count) {
  std::string lines = R"("lines":[)";
  for (int i = 0; i < count; ++i) {
    lines += std::string(i ? "," : "") + R"({"sku":"A","quantity":1,"unit_price":"1"})";
  }
  return lines + "]";
}
std::string long_refund(const std::string& event_id, const std::string& id, int count) {
  return R"({"event_id":")" + event_id +
         R"(","type":"refund","occurred_at":"2011-01-07T10:00:00Z","order_id":")" + id + R"(",)" +
         lines_of(count) + "}";
}

TEST(Silver, AnOrderTakesABoundedNumberOfRecords) {
  Shop shop;
  for (int i = 0; i < 1000; ++i) shop.apply(refund("r" + std::to_string(i), "o1", 1));
  EXPECT_EQ(shop.apply(refund("r1000", "o1", 1)), Rule::too_many_records);
  EXPECT_EQ(shop.quarantine().at(1000), Rule::too_many_records);
  EXPECT_EQ(shop.apply(refund("r0", "o1", 1), 0), Rule::unknown_order);  // a retry is not one more
  EXPECT_EQ(shop.apply(purchase("o1", kLine)), std::nullopt);            // the first purchase always counts
  EXPECT_EQ(shop.facts.facts().size(), 4u);
  EXPECT_EQ(shop.apply(refund("r1001", "o1", 1)), Rule::too_many_records);
  EXPECT_EQ(shop.apply(refund("r1001", "o1", 1), 1003), Rule::too_many_records);
  EXPECT_EQ(shop.apply(purchase("o1", R"("revision":1,)" + kLine, "p2")), Rule::too_many_records);
  EXPECT_EQ(shop.facts.facts().size(), 4u);
  EXPECT_EQ(shop.apply(cancellation("c1", "o1")), std::nullopt);  // and so does a cancellation
  EXPECT_TRUE(shop.facts.facts().empty());
  EXPECT_EQ(shop.apply(cancellation("c2", "o1")), Rule::too_many_records);
  EXPECT_EQ(shop.apply(purchase("o2", kLine)), std::nullopt);
}

TEST(Silver, AnOrderTakesABoundedNumberOfLines) {
  Shop shop;
  EXPECT_EQ(shop.apply(purchase("o1", lines_of(10'000))), std::nullopt);
  EXPECT_EQ(shop.apply(long_refund("r1", "o1", 9'000)), std::nullopt);
  EXPECT_EQ(shop.apply(long_refund("r2", "o1", 10'000)), Rule::refund_exceeds_order);
  EXPECT_EQ(shop.apply(long_refund("r3", "o1", 1'001)), Rule::too_many_records);
  EXPECT_EQ(shop.apply(long_refund("r4", "o1", 1'000)), std::nullopt);
  EXPECT_EQ(shop.apply(refund("r5", "o1", 1)), Rule::too_many_records);
  // Revisions take the place of what they replace, however many there are.
  for (int i = 1; i <= 5; ++i) {
    std::string number = std::to_string(i);
    EXPECT_EQ(shop.apply(purchase("o1", R"("revision":)" + number + "," + lines_of(10'000), "v" + number)),
              std::nullopt);
  }
  EXPECT_EQ(shop.facts.counts().size(), 2u);  // equal lines are equal facts
  EXPECT_EQ(shop.facts.facts().size(), 20'000u);
  EXPECT_EQ(shop.quarantine(),
            (Quarantine{
                {2, Rule::refund_exceeds_order}, {3, Rule::too_many_records}, {5, Rule::too_many_records}}));
  EXPECT_EQ(shop.apply(cancellation("c1", "o1")), std::nullopt);
  EXPECT_TRUE(shop.facts.facts().empty());
}

TEST(Silver, RevisionsOfAnOrderWithManyRefundedLinesAreBounded) {
  Shop shop;
  auto revision = [](int number) {
    return purchase("o1",
                    R"("revision":)" + std::to_string(number) + R"(,"channel":"c)" + std::to_string(number) +
                        R"(","lines":[{"sku":"A","quantity":50000,"unit_price":"1"}])",
                    "v" + std::to_string(number));
  };
  shop.apply(revision(0));
  shop.apply(long_refund("r1", "o1", 10'000));
  shop.apply(long_refund("r2", "o1", 10'000));
  int taken = 0;
  while (shop.apply(revision(taken + 1)) == std::nullopt) ASSERT_LT(++taken, 100);
  EXPECT_EQ(taken, 18);  // with 20 records of 20,000 further lines
  EXPECT_EQ(shop.quarantine(), (Quarantine{{21, Rule::too_many_records}}));
  EXPECT_EQ(shop.facts.facts().size(), 20'001u);
}

TEST(Silver, AmendmentsOfALongOrderTakeLittleMemory) {
  constexpr int kLines = 10'000;
  Shop shop;
  shop.apply(R"({"event_id":"d","type":"product","occurred_at":"2011-01-01T00:00:00Z","product":{"sku":"A",)"
             R"("description":")" +
             std::string(1500, 'd') + R"("}})");
  const uint64_t empty = shop.state.memory_bytes();
  shop.apply(purchase("o1", lines_of(kLines)));
  // One description for all lines that took it.
  EXPECT_LT(shop.state.memory_bytes() - empty, 1u << 20);
  std::string bytes;
  ASSERT_TRUE(shop.tables.get_order(1, bytes));
  EXPECT_LT(bytes.size(), size_t{20} * kLines);
  const OrderState order = unpack_order(1, bytes);
  ASSERT_EQ(order.records.at(0).lines.size(), size_t{kLines});
  EXPECT_EQ(order.records[0].lines.back().description, std::string(1500, 'd'));
  for (bool on_disk : {false, true}) {
    if (on_disk) shop.end_epoch();
    const uint64_t before = shop.state.memory_bytes(), written = shop.silver.work().bytes;
    for (int i = 0; i < 400; ++i)
      EXPECT_EQ(shop.apply(refund((on_disk ? "s" : "r") + std::to_string(i), "o1", 1)), std::nullopt);
    EXPECT_LT(shop.state.memory_bytes() - before, 1u << 20);
    EXPECT_LT(shop.silver.work().bytes - written, 16u << 20);
  }
  // What is refused reads no line.
  const uint64_t lines = shop.silver.work().lines;
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(shop.apply(purchase("o1", kLine, "p" + std::to_string(i))), Rule::duplicate_order);
  EXPECT_EQ(shop.silver.work().lines - lines, 200u);
  EXPECT_EQ(shop.facts.facts().size(), kLines + 800u);
}

TEST(Silver, AmendmentsOfARevisionLeaveItsLinesWhereTheyAre) {
  Shop shop;
  shop.apply(purchase("o1", kLine));
  shop.apply(purchase("o1", R"("revision":1,)" + lines_of(1000), "p2"));
  const uint64_t written = shop.silver.work().bytes;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(shop.apply(refund("r" + std::to_string(i), "o1", 1)), std::nullopt);
    if (i == 4) shop.end_epoch();
  }
  EXPECT_LT(shop.silver.work().bytes - written, 10u * 300);
  std::string bytes;
  ASSERT_TRUE(shop.tables.get_order(0, bytes));
  EXPECT_EQ(unpack_order(0, bytes).records.at(1).lines.size(), 1000u);
  shop.apply(purchase("o1", R"("revision":2,"lines":[{"sku":"A","quantity":3,"unit_price":"2"}])", "p3"));
  EXPECT_EQ(shop.facts.facts().size(), 4u);  // and three refunds
  EXPECT_EQ(shop.quarantine().size(), 7u);
}

TEST(Silver, ARefundRetriedAsARevisionTakesThePlaceOfTheRightPurchase) {
  Shop shop;
  shop.apply(refund("r0", "o1", 9));
  shop.apply(purchase("o1", kLine));
  shop.apply(refund("r1", "o1", 1));
  EXPECT_EQ(shop.quarantine(), (Quarantine{{0, Rule::refund_exceeds_order}}));
  EXPECT_EQ(
      shop.apply(purchase("o1", R"("revision":1,"lines":[{"sku":"A","quantity":7,"unit_price":"2"}])", "r0"),
                 0),
      std::nullopt);
  ASSERT_EQ(shop.facts.facts().size(), 2u);
  EXPECT_EQ(shop.facts.facts()[0].quantity, 7);
  EXPECT_EQ(shop.facts.facts()[1].kind, Kind::return_);
}

TEST(Silver, AReplacedPurchaseKeepsNoLines) {
  Shop shop;
  shop.apply(purchase("o1", lines_of(1000)));
  shop.apply(refund("r1", "o1", 1));
  shop.apply(purchase("o1", R"("revision":1,)" + kLine, "p2"));
  shop.end_epoch();
  std::string bytes;
  ASSERT_TRUE(shop.tables.get_order(0, bytes));
  EXPECT_LT(bytes.size(), 100u);
  EXPECT_EQ(shop.apply(refund("r2", "o1", 2)), std::nullopt);
  EXPECT_EQ(shop.apply(refund("r3", "o1", 1)), Rule::refund_exceeds_order);
  EXPECT_EQ(shop.facts.facts().size(), 3u);
}

TEST(Silver, TimesAtTheEndsOfTheRangeAreImplausible) {
  const Settings settings;
  Cleaner cleaner(settings);
  for (auto [at, received] : std::vector<std::pair<int64_t, int64_t>>{{INT64_MIN, Shop::kReceived},
                                                                      {INT64_MIN, INT64_MIN},
                                                                      {INT64_MAX, Shop::kReceived},
                                                                      {INT64_MIN, INT64_MAX}}) {
    event::Event event;
    event.type = event::EventType::cancellation;
    event.occurred_at = {at};
    RuleCounts counts{};
    EXPECT_EQ(cleaner.clean(event, {}, {received}, counts).quarantine, Rule::implausible_time);
  }
  event::Event event;
  event.type = event::EventType::cancellation;
  event.occurred_at = {INT64_MAX};
  RuleCounts counts{};
  EXPECT_EQ(cleaner.clean(event, {}, {INT64_MAX}, counts).quarantine, std::nullopt);
}

TEST(Silver, TheNewestWordOnACustomerWinsPerField) {
  Shop shop;
  shop.apply(customer("1", "2011-01-02T00:00:00Z", R"("id":"c","type":"wholesale")"));
  shop.apply(customer("2", "2011-01-01T00:00:00Z", R"("id":"c","type":"retail","country":"France")"));
  shop.end_epoch();
  shop.apply(customer("3", "2011-01-02T00:00:00Z", R"("id":"c","country":"Spain","email":"x@example.com")"));
  auto row = shop.tables.get_customer(*shop.tables.dictionary().find(store::Domain::customer, "c"));
  ASSERT_TRUE(row);
  EXPECT_EQ(shop.text(row->type.value), "wholesale");
  EXPECT_EQ(letters_of(row->country.value), "ES");
  EXPECT_EQ(row->contact.offset, 2);
  shop.apply(purchase("o1", R"("customer":{"id":"c"},)" + kLine));
  EXPECT_EQ(shop.text(shop.facts.facts()[0].customer_type), "wholesale");
  EXPECT_EQ(letters_of(shop.facts.facts()[0].country), "ES");
}

TEST(Silver, ARevisionKeepsTheCustomersType) {
  Shop shop;
  shop.apply(purchase("o1", R"("customer":{"id":"c"},)" + kLine));
  shop.apply(purchase("o2", R"("customer":{"id":"c"},)" + kLine));
  shop.apply(purchase("o1", R"("revision":1,"customer":{"id":"c","type":"wholesale"},)" + kLine, "p3"));
  std::multiset<std::string> types;
  for (const Fact& fact : shop.facts.facts()) types.insert(shop.text(fact.customer_type));
  EXPECT_EQ(types, (std::multiset<std::string>{"new", "returning"}));
}

TEST(Silver, CustomersGrowLoyalAlsoByCancelledOrdersOverEpochs) {
  Shop shop;
  for (int i = 0; i < 6; ++i) {
    std::string id = "o" + std::to_string(i);
    shop.apply(purchase(id, R"("customer":{"id":"c"},)" + kLine));
    if (i < 2) shop.apply(cancellation("c" + id, id));
    shop.end_epoch();
  }
  std::multiset<std::string> types;
  for (const Fact& fact : shop.facts.facts()) types.insert(shop.text(fact.customer_type));
  EXPECT_EQ(types, (std::multiset<std::string>{"returning", "returning", "returning", "loyal"}));
}

TEST(Silver, CountsWhatEachRuleDidPerSource) {
  Shop shop;
  shop.apply(purchase("o1", R"("source":"web","lines":[{"sku":" a ","quantity":1,"unit_price":"1"}])"));
  shop.apply(purchase("o2", R"("source":"web","lines":[{"sku":"A","quantity":0,"unit_price":"1"}])"));
  shop.end_epoch();
  const RuleCounts& web = shop.tables.quality().all().at("web");
  auto count = [&](Rule rule) { return web[static_cast<size_t>(rule)]; };
  EXPECT_EQ(count(Rule::trim_text).seen, 2u);
  EXPECT_EQ(count(Rule::trim_text).changed, 1u);
  EXPECT_EQ(count(Rule::upper_case_sku).changed, 1u);
  EXPECT_EQ(count(Rule::zero_quantity).seen, 2u);
  EXPECT_EQ(count(Rule::zero_quantity).quarantined, 1u);
}

TEST(Silver, RowsAreTheSameAfterAReload) {
  Shop shop;
  shop.apply(refund("r0", "o0", 1));
  shop.apply(purchase("o1", kLine));
  shop.apply(refund("r1", "o1", 1));
  shop.apply(purchase("o2", kLine));
  auto rows = [&] {
    std::map<uint64_t, std::string> found;
    shop.tables.scan_orders(
        0, UINT64_MAX, [&](uint64_t row, std::string_view bytes) { return found.emplace(row, bytes), true; });
    return found;
  };
  auto before = rows();
  EXPECT_EQ(before.size(), 3u);
  shop.end_epoch();
  EXPECT_EQ(rows(), before);
  for (store::Part* part : shop.tables.parts()) part->load(shop.state.snapshot());
  EXPECT_EQ(rows(), before);
  EXPECT_EQ(shop.tables.find_order("o2"), 3u);
}

}  // namespace
}  // namespace lode::silver
