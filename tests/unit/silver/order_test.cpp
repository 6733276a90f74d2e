#include <gtest/gtest.h>

#include "silver/order_row.h"
#include "store/bytes.h"

namespace lode::silver {
namespace {

using event::EventType;

OrderLine line(uint32_t sku, int32_t quantity, int64_t price, int64_t discount = 0) {
  OrderLine out;
  out.sku = sku;
  out.quantity = quantity;
  out.has_unit_price = true;
  out.unit_price = price;
  out.discount = discount;
  return out;
}

OrderLine units(uint32_t sku, int32_t quantity) {
  OrderLine out;
  out.sku = sku;
  out.quantity = quantity;
  return out;
}

// Records get the offsets 10, 11, ...; events occur at their offset.
class Order {
 public:
  Order& purchase(std::vector<OrderLine> lines, int64_t revision = 0) {
    OrderRecord& record = add(EventType::purchase);
    record.lines = std::move(lines);
    record.revision = revision;
    record.country = code_of("GB", 2);
    record.customer = 7;
    return *this;
  }
  Order& refund(std::vector<OrderLine> lines) {
    add(EventType::refund).lines = std::move(lines);
    return *this;
  }
  Order& cancellation() {
    add(EventType::cancellation);
    return *this;
  }
  Outcome outcome() const {
    Outcome outcome;
    fold(state, outcome);
    return outcome;
  }
  OrderState state{10, "o1", {}};

 private:
  OrderRecord& add(EventType type) {
    OrderRecord& record = state.records.emplace_back();
    record.type = type;
    record.offset = 9 + state.records.size();
    record.occurred_at = {static_cast<int64_t>(record.offset)};
    return record;
  }
};

using Verdicts = std::vector<std::optional<Rule>>;
constexpr std::nullopt_t ok = std::nullopt;

int64_t amount(const Fact& fact) { return static_cast<int64_t>(fact.amount); }

TEST(Order, BooksEachLineByItsKind) {
  OrderLine fee = line(5, -1, 18);
  fee.fee = true;
  auto outcome =
      Order().purchase({line(1, 2, 5, 3), line(2, -2, 5), line(3, 3, 0, 9), line(4, -4, 0), fee}).outcome();
  ASSERT_EQ(outcome.facts.size(), 5u);
  auto expect = [&](size_t i, Kind kind, int64_t quantity, int64_t money, int64_t discount) {
    const Fact& fact = outcome.facts[i];
    EXPECT_EQ(std::tuple(fact.kind, fact.quantity, amount(fact), fact.discount),
              std::tuple(kind, quantity, money, discount))
        << i;
    EXPECT_EQ(fact.order, 10u);
    EXPECT_EQ(fact.customer, 7u);
  };
  expect(0, Kind::sale, 2, 10, 3);
  expect(1, Kind::return_, 2, 10, 0);
  expect(2, Kind::free, 3, 0, 0);
  expect(3, Kind::adjustment, -4, 0, 0);
  expect(4, Kind::fee, -1, -18, 0);
}

TEST(Order, TheHighestRevisionCounts) {
  auto outcome = Order()
                     .purchase({line(1, 1, 1)})
                     .purchase({line(1, 2, 1)}, 3)
                     .purchase({line(1, 3, 1)}, 3)
                     .purchase({line(1, 4, 1)}, 2)
                     .purchase({line(1, 5, 1)}, 4)
                     .outcome();
  EXPECT_EQ(outcome.verdicts, (Verdicts{ok, ok, Rule::duplicate_order, Rule::duplicate_order, ok}));
  EXPECT_EQ(outcome.purchase, 4);
  EXPECT_EQ(outcome.first_purchase, 0);
  ASSERT_EQ(outcome.facts.size(), 1u);
  EXPECT_EQ(outcome.facts[0].quantity, 5);
}

TEST(Order, ARefundTakesTheLinesInOrderAndRoundsTowardZero) {
  // 3 units for 10 less 1: 3 each; 2 units are worth trunc(2 * 9 / 3) = 6. Then 3 units for 11 less 1:
  // trunc(10 / 3) = 3.
  auto outcome = Order().purchase({line(1, 2, 5), line(1, 3, 11, 23)}).refund({units(1, 3)}).outcome();
  ASSERT_EQ(outcome.facts.size(), 4u);
  EXPECT_EQ(outcome.facts[2].quantity, 2);
  EXPECT_EQ(amount(outcome.facts[2]), 10);
  EXPECT_EQ(outcome.facts[3].quantity, 1);
  EXPECT_EQ(amount(outcome.facts[3]), 3);
  EXPECT_EQ(outcome.facts[3].kind, Kind::return_);
  EXPECT_EQ(outcome.facts[3].occurred_at.value, 11);
  EXPECT_EQ(outcome.facts[3].country, code_of("GB", 2));
}

TEST(Order, ARefundBelowZeroRoundsTowardZeroToo) {
  auto outcome = Order().purchase({line(1, 2, 1, 5)}).refund({units(1, 1)}).outcome();
  EXPECT_EQ(amount(outcome.facts.back()), -1);  // -3 / 2
}

TEST(Order, ARefundIsTakenWholeOrNotAtAll) {
  auto outcome = Order()
                     .purchase({line(1, 2, 5), line(2, 1, 5)})
                     .refund({units(1, 1), units(2, 2)})
                     .refund({units(1, 2), units(2, 1)})
                     .outcome();
  EXPECT_EQ(outcome.verdicts, (Verdicts{ok, Rule::refund_exceeds_order, ok}));
  EXPECT_EQ(outcome.facts.size(), 4u);
}

TEST(Order, ReturnedLinesOfAPurchaseGiveNothingToRefund) {
  auto outcome = Order().purchase({line(1, -2, 5)}).refund({units(1, 1)}).outcome();
  EXPECT_EQ(outcome.verdicts, (Verdicts{ok, Rule::refund_exceeds_order}));
}

TEST(Order, ARefundOfAFeeLowersTheFees) {
  OrderLine fee = line(1, 2, 5, 1);
  fee.fee = true;
  auto outcome = Order().purchase({fee}).refund({units(1, 1)}).refund({line(1, 1, 3)}).outcome();
  ASSERT_EQ(outcome.facts.size(), 3u);
  EXPECT_EQ(std::tuple(outcome.facts[1].kind, outcome.facts[1].quantity, amount(outcome.facts[1])),
            std::tuple(Kind::fee, -1, -5));
  EXPECT_EQ(amount(outcome.facts[2]), -3);
}

TEST(Order, ARefusedRefundLeavesTheUnitsOfEarlierOnesTaken) {
  auto outcome = Order()
                     .purchase({line(2, 1, 5), line(1, 2, 5), line(1, -1, 5), line(1, 2, 7)})
                     .refund({units(1, 3)})
                     .refund({units(2, 1), units(1, 1), units(1, 1)})
                     .refund({units(3, 1)})
                     .refund({units(1, 1), units(2, 1)})
                     .refund({units(1, 1)})
                     .outcome();
  const auto too_many = Rule::refund_exceeds_order;
  EXPECT_EQ(outcome.verdicts, (Verdicts{ok, ok, too_many, too_many, ok, too_many}));
  ASSERT_EQ(outcome.facts.size(), 8u);
  EXPECT_EQ(std::tuple(outcome.facts[4].quantity, amount(outcome.facts[4])), std::tuple(2, 10));
  EXPECT_EQ(std::tuple(outcome.facts[5].quantity, amount(outcome.facts[5])), std::tuple(1, 7));
  EXPECT_EQ(std::tuple(outcome.facts[6].quantity, amount(outcome.facts[6])), std::tuple(1, 7));
  EXPECT_EQ(std::tuple(outcome.facts[7].sku, amount(outcome.facts[7])), std::tuple(2u, 5));
}

// By the cost of looking through all lines for each refund line, this would take minutes.
TEST(Order, ManyLinesAreFoldedInTimeOfTheirNumber) {
  for (uint32_t skus : {1u, 10'000u}) {
    std::vector<OrderLine> bought, back;
    for (uint32_t i = 0; i < 10'000; ++i) bought.push_back(line(i * 7919 % skus, 2, 5));
    for (uint32_t i = 0; i < 100; ++i) back.push_back(units(i * 31 % skus, 1));
    Order order;
    order.purchase(bought);
    for (int i = 0; i < 200; ++i) order.refund(back);
    auto outcome = order.outcome();
    size_t taken = skus == 1 ? 200 : 2;  // one sku has 20,000 units, of many each has 2
    for (size_t i = 0; i < 200; ++i) {
      EXPECT_EQ(outcome.verdicts[i + 1], i < taken ? std::nullopt : std::optional(Rule::refund_exceeds_order))
          << i;
    }
    EXPECT_EQ(outcome.facts.size(), 10'000 + taken * 100);
  }
}

TEST(Order, ARevisionFitsTheRefundsAgain) {
  Order order;
  order.purchase({line(1, 6, 5)}).refund({units(1, 4)}).refund({units(1, 1)});
  EXPECT_EQ(order.outcome().verdicts, (Verdicts{ok, ok, ok}));
  order.purchase({line(1, 2, 5)}, 1);
  EXPECT_EQ(order.outcome().verdicts, (Verdicts{ok, Rule::refund_exceeds_order, ok, ok}));
  order.purchase({line(1, 9, 5)}, 2);
  EXPECT_EQ(order.outcome().verdicts, (Verdicts{ok, ok, ok, ok, ok}));
}

TEST(Order, ACancellationIsFinal) {
  auto outcome = Order()
                     .purchase({line(1, 6, 5)})
                     .refund({units(1, 1)})
                     .refund({units(1, 9)})
                     .cancellation()
                     .refund({units(1, 1)})
                     .purchase({line(1, 1, 1)}, 5)
                     .cancellation()
                     .outcome();
  EXPECT_EQ(outcome.status, OrderStatus::cancelled);
  EXPECT_TRUE(outcome.facts.empty());
  EXPECT_EQ(outcome.purchase, 0);
  EXPECT_EQ(outcome.verdicts, (Verdicts{ok, ok, Rule::refund_exceeds_order, ok, Rule::order_cancelled,
                                        Rule::order_cancelled, ok}));
}

TEST(Order, WhatComesBeforeThePurchaseWaits) {
  Order order;
  order.refund({units(1, 1)}).cancellation().refund({units(1, 1)});
  EXPECT_EQ(order.outcome().status, OrderStatus::waiting);
  EXPECT_EQ(order.outcome().verdicts,
            (Verdicts{Rule::unknown_order, Rule::unknown_order, Rule::unknown_order}));
  order.purchase({line(1, 6, 5)}).purchase({line(1, 7, 5)}, 1);
  EXPECT_EQ(order.outcome().status, OrderStatus::cancelled);
  EXPECT_EQ(order.outcome().verdicts, (Verdicts{ok, ok, ok, ok, Rule::order_cancelled}));
}

TEST(Order, IsUnpackedAsItWasPacked) {
  Order order;
  order.purchase({line(1, 6, 5, 2), line(2, -1, 7)}, 4).refund({units(1, 1)}).cancellation();
  order.state.records[0].lines[0].description = "a mug";
  order.state.records[0].lines[1].rules = bit(Rule::trim_text);
  order.state.records[1].event_id = "r1";
  std::string bytes, again;
  pack(order.state, bytes);
  OrderState read = unpack_order(10, bytes);
  EXPECT_EQ(read.order_id, "o1");
  EXPECT_EQ(read.records[0].lines[0].description, "a mug");
  EXPECT_EQ(read.records[2].offset, 12u);
  pack(read, again);
  EXPECT_EQ(again, bytes);
  for (size_t cut = 1; cut + 1 < bytes.size(); ++cut) {
    try {
      unpack_order(10, std::string_view(bytes).substr(0, cut));  // fewer records, or damage
    } catch (const store::Damaged&) {
    }
  }
}

}  // namespace
}  // namespace lode::silver
