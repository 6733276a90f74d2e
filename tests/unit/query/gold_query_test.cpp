// Gold as clients ask for it: filters, roll-ups, order, pages, and what is refused.
#include "query/gold_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "store/memory_disk.h"

namespace lode::query {
namespace {

using silver::code_of;
using silver::Fact;
using ::testing::HasSubstr;

std::string shown_text(const Value& value) {
  if (auto* text = std::get_if<std::string>(&value)) return *text;
  if (auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
  if (auto* decimal = std::get_if<Decimal>(&value)) return "\"" + decimal->text + "\"";
  return std::holds_alternative<std::monostate>(value) ? "null" : "?";
}

class GoldQueryTest : public ::testing::Test {
 protected:
  GoldQueryTest()
      : dictionary_(store::Hasher({})),
        gold_(gold::read_views(LODE_SOURCE_DIR "/config/views"), gold::ZoneRules::of_machine("Europe/London"),
              dictionary_.text_hashes()) {
    std::vector<store::Family> families = gold_.families();
    for (const store::Family& family : dictionary_.families()) families.push_back(family);
    families.push_back({std::string(store::kMetaFamily), nullptr});
    state_ = std::make_unique<store::State>(std::make_unique<store::MemoryDisk>(families),
                                            std::vector<store::Part*>{&dictionary_, &gold_});
  }

  Fact fact(const char* day, const char* country, const char* currency, const char* customer, const char* sku,
            int64_t quantity, int64_t cents) {
    Fact fact;
    event::parse_rfc3339(std::string(day) + "T12:00:00Z", fact.occurred_at);
    fact.country = code_of(country, 2);
    fact.currency = code_of(currency, 3);
    fact.customer = dictionary_.intern(store::Domain::customer, customer);
    fact.customer_type =
        dictionary_.intern(store::Domain::customer_type, *customer == 0 ? "anonymous" : "new");
    fact.sku = dictionary_.intern(store::Domain::sku, sku);
    fact.quantity = quantity;
    fact.amount = quantity * cents * 10000;
    return fact;
  }

  void book(std::vector<Fact> facts, int sign = 1) {
    std::unique_lock lock(state_->mutex());
    if (sign > 0) ++offset_;
    for (Fact& fact : facts) fact.order = offset_;
    gold_.book(facts, sign);
    gold_.touch(offset_);
  }

  Answer<Result> ask(std::string_view view, const Parameters& parameters) {
    GoldSource source{*state_, gold_, dictionary_, [this] {
                        if (meanwhile_) std::exchange(meanwhile_, nullptr)();
                        return Position{static_cast<int64_t>(offset_), 5};
                      }};
    return query_gold(source, view, parameters);
  }

  // Rows of some columns: "a b; c d".
  std::string rows(std::string_view view, const Parameters& parameters,
                   const std::vector<std::string>& columns) {
    Answer<Result> answer = ask(view, parameters);
    if (auto* failure = std::get_if<Failure>(&answer)) {
      return std::to_string(failure->status) + " " + failure->problem.code + " " + failure->problem.pointer;
    }
    Result& result = std::get<Result>(answer);
    cursor_ = result.next_cursor;
    std::string out;
    for (const auto& row : result.rows) {
      if (!out.empty()) out += "; ";
      for (size_t i = 0; i < columns.size(); ++i) {
        auto at = std::find(result.columns.begin(), result.columns.end(), columns[i]);
        EXPECT_NE(at, result.columns.end()) << columns[i];
        out += (i > 0 ? " " : "") + shown_text(row[static_cast<size_t>(at - result.columns.begin())]);
      }
    }
    return out;
  }

  std::string detail(std::string_view view, const Parameters& parameters) {
    return std::get<Failure>(ask(view, parameters)).problem.detail;
  }

  void sell() {
    std::unique_lock lock(state_->mutex());
    auto a = fact("2011-01-04", "GB", "GBP", "ann", "A", 2, 150),
         b = fact("2011-01-04", "GB", "GBP", "ann", "B", 1, 100);
    auto c = fact("2011-01-04", "GB", "GBP", "bob", "A", 1, 150),
         d = fact("2011-01-05", "GB", "GBP", "ann", "A", 4, 150);
    auto e = fact("2011-01-05", "FR", "EUR", "", "C,D", 3, 200),
         f = fact("2011-01-06", "JP", "JPY", "jun", "A", 1, 70000);
    lock.unlock();
    book({a, b});
    book({c});
    book({d});
    book({e});
    book({f});
  }

  store::Dictionary dictionary_;
  gold::Gold gold_;
  std::unique_ptr<store::State> state_;
  uint64_t offset_ = 0;
  std::string cursor_;
  std::function<void()> meanwhile_;  // applied right before a read takes its position
};

TEST_F(GoldQueryTest, AnswersRowsByTheirKeys) {
  sell();
  EXPECT_EQ(rows("daily_sales", {{"day", "2011-01-04"}},
                 {"day", "country", "currency", "transactions", "gross_sales", "customers", "average_price"}),
            "2011-01-04 GB GBP 2 \"5.50\" 2 \"1.375000\"");
  EXPECT_EQ(
      rows("daily_sales", {{"day", "2011-01-05..2011-01-06"}, {"country", "FR,JP"}}, {"day", "net_sales"}),
      "2011-01-05 \"6.00\"; 2011-01-06 \"700\"");
  EXPECT_EQ(rows("daily_sales", {{"day", "..2011-01-04"}}, {"day"}), "2011-01-04");
  EXPECT_EQ(rows("daily_product_sales", {{"sku", "C,D"}}, {"sku", "units_sold"}), "C,D 3");
  EXPECT_EQ(rows("daily_product_sales", {{"sku", "nothing"}}, {"sku"}), "");
  EXPECT_EQ(rows("customer_insights", {{"customer_id", "ann"}, {"currency", "GBP"}},
                 {"orders", "units", "net_spend", "first_purchase", "last_purchase", "average_order_value"}),
            "2 7 \"10.00\" 2011-01-04 2011-01-05 \"5.000000\"");
}

TEST_F(GoldQueryTest, TheColumnsAreKeysThenMeasures) {
  sell();
  Result result = std::get<Result>(ask("customer_insights", {{"group_by", "currency"}, {"limit", "1"}}));
  EXPECT_EQ(result.columns,
            (std::vector<std::string>{"currency", "orders", "units", "net_spend", "first_purchase",
                                      "last_purchase", "average_order_value"}));
  EXPECT_EQ(result.view, "customer_insights");
  EXPECT_EQ(result.position.as_of_offset, 5);
  EXPECT_EQ(result.last_change, record::Offset{5});
}

TEST_F(GoldQueryTest, RollUpsCountOrdersAndCustomersOnce) {
  sell();
  EXPECT_EQ(rows("daily_product_sales", {{"currency", "GBP"}, {"group_by", "day"}},
                 {"day", "transactions", "customers"}),
            "2011-01-04 2 2; 2011-01-05 1 1");
  EXPECT_EQ(rows("daily_sales", {{"currency", "GBP"}, {"group_by", ""}},
                 {"transactions", "customers", "net_sales"}),
            "3 2 \"11.50\"");
}

TEST_F(GoldQueryTest, RefusesToAddCurrencies) {
  sell();
  EXPECT_EQ(rows("daily_sales", {{"group_by", "day"}}, {"day"}), "422 mixed_currencies /group_by");
  EXPECT_EQ(rows("daily_sales", {{"group_by", "day"}, {"limit", "1"}}, {"day"}),
            "422 mixed_currencies /group_by");
  EXPECT_EQ(rows("daily_sales", {{"group_by", "day"}, {"country", "FR"}}, {"day", "net_sales"}),
            "2011-01-05 \"6.00\"");
  EXPECT_EQ(rows("daily_sales", {{"group_by", "currency"}}, {"currency", "net_sales"}),
            "EUR \"6.00\"; GBP \"11.50\"; JPY \"700\"");
}

TEST_F(GoldQueryTest, SharesAndRanksAreOfTheWholeGroup) {
  sell();
  EXPECT_EQ(rows("customer_product_affinity", {{"customer_id", "ann"}}, {"sku", "share_of_spend"}),
            "A \"0.900000\"; B \"0.100000\"");
  EXPECT_EQ(
      rows("customer_product_affinity", {{"customer_id", "ann"}, {"sku", "B"}}, {"sku", "share_of_spend"}),
      "B \"0.100000\"");
  EXPECT_EQ(rows("product_popularity", {{"customer_type", "new"}, {"currency", "GBP"}},
                 {"sku", "customers", "rank"}),
            "A 2 1; B 1 2");
  EXPECT_EQ(rows("product_popularity", {{"customer_type", "new"}, {"sku", "B"}}, {"sku", "rank"}), "B 2");
}

// A text that is new when the position is taken belongs to the answer: its row is in it.
TEST_F(GoldQueryTest, NoRowIsMissingAtItsPosition) {
  sell();
  for (const char* sku : {"late", "later,A", "A..B"}) {
    meanwhile_ = [&] {
      std::vector<Fact> facts = {fact("2011-01-09", "GB", "GBP", "ann", sku, 1, 100)};
      facts[0].order = ++offset_;
      gold_.book(facts, 1);
      gold_.touch(offset_);
    };
    Result result =
        std::get<Result>(ask("daily_product_sales",
                             {{"day", "2011-01-09"}, {"country", "GB"}, {"currency", "GBP"}, {"sku", sku}}));
    EXPECT_EQ(result.last_change, record::Offset{offset_});
    EXPECT_EQ(result.rows.size(), 1u) << sku;
  }
}

// What a filter by texts means does not hang on which texts there are.
TEST_F(GoldQueryTest, ATextIsItsPartsOrTheWhole) {
  sell();
  const Parameters both = {{"currency", "GBP"}, {"day", "2011-01-04"}, {"sku", "A,B"}};
  EXPECT_EQ(rows("daily_product_sales", both, {"sku", "units_sold"}), "A 3; B 1");
  book({fact("2011-01-04", "GB", "GBP", "ann", "A,B", 7, 100)});
  EXPECT_EQ(rows("daily_product_sales", both, {"sku", "units_sold"}), "A 3; B 1; A,B 7");
  const Parameters dots = {{"sku", "A..B"}};
  EXPECT_EQ(rows("daily_product_sales", dots, {"sku"}), "");
  book({fact("2011-01-04", "GB", "GBP", "ann", "A..B", 7, 100)});
  EXPECT_EQ(rows("daily_product_sales", dots, {"sku"}), "A..B");
  EXPECT_EQ(rows("daily_sales", {{"country", "gb"}, {"day", "2011-01-04"}, {"currency", "gbp"}}, {"country"}),
            "GB");
}

TEST_F(GoldQueryTest, ACursorGoesWithItsParametersInAnyOrder) {
  sell();
  EXPECT_EQ(rows("daily_product_sales", {{"country", "GB"}, {"currency", "GBP"}, {"limit", "1"}}, {"sku"}),
            "A");
  const std::string first = cursor_;
  EXPECT_EQ(rows("daily_product_sales",
                 {{"cursor", first}, {"currency", "GBP"}, {"limit", "2"}, {"country", "GB"}}, {"sku"}),
            "B; A");
}

// One row's rank is counted, many are sorted: they agree, ties by text among them.
TEST_F(GoldQueryTest, ARankIsTheSameForOneRowAndForAll) {
  std::vector<Fact> facts;
  for (int i = 0; i < 90; ++i) {
    std::string sku = std::string(1, static_cast<char>('a' + i * 7 % 26)) + std::to_string(i);
    facts.push_back(fact("2011-01-04", "GB", i % 9 == 0 ? "EUR" : "GBP",
                         ("c" + std::to_string(i % 5)).c_str(), sku.c_str(), 1 + i % 4, 100));
  }
  for (size_t i = 0; i < facts.size(); ++i) {
    book({facts[i]});
    if (i == 50) state_->end_epoch({1, 1, 0, 0});
  }
  Result all = std::get<Result>(ask("product_popularity", {}));
  ASSERT_EQ(all.rows.size(), facts.size());
  std::set<std::pair<std::string, int64_t>> ranks;
  for (const auto& row : all.rows) {
    Result one = std::get<Result>(
        ask("product_popularity",
            {{"customer_type", text_of(row[0])}, {"sku", text_of(row[1])}, {"currency", text_of(row[2])}}));
    ASSERT_EQ(one.rows.size(), 1u);
    EXPECT_EQ(shown_text(one.rows[0].back()), shown_text(row.back())) << text_of(row[1]);
    ranks.emplace(text_of(row[2]), std::get<int64_t>(row.back()));
  }
  EXPECT_EQ(ranks.size(), facts.size());  // each rank of a currency once
}

TEST_F(GoldQueryTest, OrdersByMeasureOrKeyInOnePage) {
  sell();
  EXPECT_EQ(rows("customer_insights", {{"order_by", "-orders"}, {"limit", "1"}}, {"customer_id"}), "ann");
  EXPECT_EQ(cursor_, "");
  EXPECT_EQ(rows("customer_insights", {{"order_by", "average_order_value"}}, {"customer_id"}),
            "bob; ann; jun");
  EXPECT_EQ(rows("customer_insights", {{"order_by", "-customer_id"}}, {"customer_id"}), "jun; bob; ann");
  EXPECT_EQ(rows("customer_insights", {{"order_by", "orders"}, {"cursor", "x"}}, {}),
            "400 invalid_parameter /cursor");
}

TEST_F(GoldQueryTest, PagesShowEachRowOnceWhileWritesGoOn) {
  sell();
  std::string all;
  Parameters parameters = {{"limit", "2"}};
  for (int page = 0; page < 10; ++page) {
    all += rows("daily_product_sales", parameters, {"day", "sku"}) + " | ";
    if (cursor_.empty()) break;
    parameters = {{"limit", "2"}, {"cursor", cursor_}};
    if (page == 0) {
      std::unique_lock lock(state_->mutex());
      auto late = fact("2011-01-03", "GB", "GBP", "zoe", "A", 1, 100);
      lock.unlock();
      book({late});
    }
  }
  EXPECT_EQ(all, "2011-01-04 A; 2011-01-04 B | 2011-01-05 C,D; 2011-01-05 A | 2011-01-06 A | ");
}

TEST_F(GoldQueryTest, SaysWhatIsWrongWithAQuery) {
  EXPECT_EQ(rows("daily_sale", {}, {}), "404 unknown_view ");
  EXPECT_THAT(detail("daily_sale", {}), HasSubstr("did you mean `daily_sales`?"));
  EXPECT_EQ(rows("daily_sales", {{"dya", "2011-01-04"}}, {}), "400 unknown_parameter /dya");
  EXPECT_THAT(detail("daily_sales", {{"dya", "2011-01-04"}}), HasSubstr("did you mean `day`?"));
  EXPECT_EQ(rows("daily_sales", {{"sku", "A"}}, {}), "400 unknown_parameter /sku");
  EXPECT_EQ(rows("daily_sales", {{"day", "2011-02-30"}}, {}), "400 invalid_parameter /day");
  EXPECT_EQ(rows("daily_sales", {{"day", ""}}, {}), "400 invalid_parameter /day");
  EXPECT_EQ(rows("daily_sales", {{"country", "GBR"}}, {}), "400 invalid_parameter /country");
  EXPECT_EQ(rows("daily_sales", {{"country", "A..B"}}, {}), "400 invalid_parameter /country");
  EXPECT_EQ(rows("daily_sales", {{"group_by", "sku"}}, {}), "400 invalid_parameter /group_by");
  EXPECT_EQ(rows("daily_sales", {{"order_by", "sales"}}, {}), "400 invalid_parameter /order_by");
  EXPECT_EQ(rows("daily_sales", {{"limit", "0"}}, {}), "400 invalid_parameter /limit");
  EXPECT_EQ(rows("daily_sales", {{"cursor", "x"}}, {}), "400 invalid_cursor /cursor");
  EXPECT_EQ(rows("daily_sales", {{"day", "2011-01-04"}, {"day", "2011-01-05"}}, {}),
            "400 invalid_parameter /day");
}

TEST_F(GoldQueryTest, ARowWithManyCustomersStaysRightWhileItIsResident) {
  const Parameters key = {{"day", "2011-01-04"}, {"country", "GB"}, {"currency", "GBP"}};
  std::vector<Fact> facts;
  for (int i = 0; i < 2000; ++i) {
    std::unique_lock lock(state_->mutex());
    facts.push_back(fact("2011-01-04", "GB", "GBP", ("c" + std::to_string(i)).c_str(), "A", 1, 100));
    lock.unlock();
    book({facts.back()});
    if (i == 1000) state_->end_epoch({1, 1, 0, 0});
  }
  EXPECT_EQ(rows("daily_sales", key, {"transactions", "customers"}), "2000 2000");
  book({facts[0], facts[1]});
  EXPECT_EQ(rows("daily_sales", key, {"transactions", "customers", "gross_sales"}), "2001 2000 \"2002.00\"");
  book({facts[1999]}, -1);  // its order is not that of the last booking, but counts alike
  EXPECT_EQ(rows("daily_sales", key, {"transactions", "customers"}), "2000 1999");
  state_->end_epoch({2, 2, 0, 0});
  state_->wait_flushed();
  EXPECT_EQ(rows("daily_sales", key, {"transactions", "customers"}), "2000 1999");
  EXPECT_EQ(rows("daily_sales", {{"day", "2011-01-04"}}, {"transactions", "customers"}), "2000 1999");
}

TEST_F(GoldQueryTest, ReadersNeverSeeHalfAnOrder) {
  const Parameters key = {{"day", "2011-01-04"}, {"country", "GB"}, {"currency", "GBP"}};
  std::vector<Fact> facts;
  for (int i = 0; i < 3000; ++i) {
    std::unique_lock lock(state_->mutex());
    facts.push_back(fact("2011-01-04", "GB", "GBP", ("c" + std::to_string(i)).c_str(), "A", 1, 100));
  }
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        Answer<Result> answer = ask("daily_sales", key);
        for (const auto& row : std::get<Result>(answer).rows)
          EXPECT_EQ(shown_text(row[3]), shown_text(row[13]));
        ask("product_popularity", {{"limit", "3"}});
      }
    });
  }
  for (size_t i = 0; i < facts.size(); ++i) {
    book({facts[i]});
    if (i % 1000 == 500) state_->end_epoch({i, i, 0, 0});
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(rows("daily_sales", key, {"transactions", "customers"}), "3000 3000");
}

}  // namespace
}  // namespace lode::query
