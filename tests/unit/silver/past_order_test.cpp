// Orders as they stood, and what each fact comes from.
#include "silver/past_order.h"

#include <gtest/gtest.h>

#include "silver/order_row.h"
#include "unit/silver/shop.h"

namespace lode::silver {
namespace {

std::string event(const std::string& id, const std::string& type, const std::string& more) {
  return R"({"event_id":")" + id + R"(","type":")" + type +
         R"(","occurred_at":"2011-01-05T08:00:00Z","order_id":"o")" + more + "}";
}
std::string purchase(const std::string& id, int revision, const std::string& lines) {
  return event(id, "purchase",
               R"(,"currency":"GBP","revision":)" + std::to_string(revision) + R"(,"lines":[)" + lines + "]");
}
std::string refund(const std::string& id, const std::string& lines) {
  return event(id, "refund", R"(,"lines":[)" + lines + "]");
}
std::string line(const std::string& sku, int quantity, const std::string& price = "2") {
  return R"({"sku":")" + sku + R"(","quantity":)" + std::to_string(quantity) + R"(,"unit_price":)" + price +
         "}";
}

class PastOrderTest : public ::testing::Test {
 protected:
  // The facts at an offset, as "record/line quantity"; "lost".
  std::string at(uint64_t offset) {
    std::shared_lock lock(shop_.state.mutex());
    std::string bytes, bought, out;
    shop_.tables.get_order(0, bytes);
    OrderState state = unpack_order(0, bytes);
    if (!take_back(shop_.tables, offset, state, bought)) return "lost";
    Outcome outcome;
    fold(state, outcome);
    const auto origins = origins_of(state, outcome);
    for (size_t i = 0; i < origins.size(); ++i) {
      out += (i > 0 ? ", " : "") + std::to_string(state.records[origins[i].record].offset) + "/" +
             std::to_string(origins[i].line) + " " + std::to_string(outcome.facts[i].quantity);
    }
    return out;
  }

  Shop shop_{{.fee_skus = {"POST"}}};
};

TEST_F(PastOrderTest, EachFactNamesItsRecordAndLine) {
  shop_.apply(
      purchase("p", 0, line("A", 2) + "," + line("A", 3) + "," + line("POST", 1) + "," + line("B", -4)));
  shop_.apply(refund("too many", line("A", 9)));
  shop_.apply(refund("r", line("A", 4) + "," + line("POST", 1)));
  // Four units of A are two of the first line and two of the second.
  EXPECT_EQ(at(0), "0/0 2, 0/1 3, 0/2 1, 0/3 4");
  EXPECT_EQ(at(1), at(0));
  EXPECT_EQ(at(2), at(0) + ", 2/0 2, 2/0 2, 2/1 -1");
}

TEST_F(PastOrderTest, LaterRecordsAreTakenBack) {
  shop_.apply(purchase("p", 0, line("A", 2)));
  shop_.apply(refund("r", line("A", 1)));
  shop_.apply(purchase("p1", 1, line("A", 7)));
  EXPECT_EQ(at(0), "0/0 2");
  EXPECT_EQ(at(1), "0/0 2, 1/0 1");
  EXPECT_EQ(at(2), "2/0 7, 1/0 1");
  shop_.apply(event("c", "cancellation", ""));
  EXPECT_EQ(at(3), "");
  EXPECT_EQ(at(2), "2/0 7, 1/0 1");
  shop_.end_epoch();
  EXPECT_EQ(at(0), "0/0 2");
  EXPECT_EQ(at(2), "2/0 7, 1/0 1");
}

TEST_F(PastOrderTest, LinesThatARevisionOfARevisionReplacedAreLost) {
  shop_.apply(purchase("p", 0, line("A", 2)));
  shop_.apply(purchase("p1", 1, line("A", 7)));
  shop_.apply(purchase("p2", 2, line("A", 9)));
  EXPECT_EQ(at(0), "0/0 2");
  EXPECT_EQ(at(1), "lost");
  EXPECT_EQ(at(2), "2/0 9");
}

TEST_F(PastOrderTest, AnOrderThatWaitedHasNoFactsBeforeItsPurchase) {
  shop_.apply(refund("r", line("A", 1)));
  shop_.apply(purchase("p", 0, line("A", 2)));
  EXPECT_EQ(at(0), "");
  EXPECT_EQ(at(1), "1/0 2, 0/0 1");
}

}  // namespace
}  // namespace lode::silver
