#include "query/silver_query.h"

#include <gtest/gtest.h>

#include "unit/silver/shop.h"

namespace lode::query {
namespace {

std::string purchase(int n, const std::string& more = "") {
  std::string id = std::to_string(n);
  return R"({"event_id":"p)" + id + R"(","type":"purchase","occurred_at":"2011-01-)" +
         (n % 28 < 9 ? "0" : "") + std::to_string(n % 28 + 1) + R"(T10:00:00Z","order_id":"o)" + id +
         R"(","currency":"GBP","country":")" + (n % 3 ? "GB" : "FR") + R"(","customer":{"id":"c)" +
         std::to_string(n % 7) + R"("})" + more +
         R"(,"lines":[{"sku":"A","quantity":1,"unit_price":"1.5"},{"sku":"S)" + id +
         R"(","quantity":2,"unit_price":"2"}]})";
}
std::string refund(int n, int order) {
  return R"({"event_id":"r)" + std::to_string(n) +
         R"(","type":"refund","occurred_at":"2011-02-01T00:00:00Z","order_id":"o)" + std::to_string(order) +
         R"(","lines":[{"sku":"A","quantity":1}]})";
}

class SilverQuery : public testing::Test {
 protected:
  Result ask(std::string_view table, Parameters parameters) {
    auto answer = query_silver(source, table, parameters);
    if (auto* failure = std::get_if<Failure>(&answer)) throw std::runtime_error(failure->problem.detail);
    return std::get<Result>(answer);
  }
  static std::string code(const Answer<Result>& answer) {
    auto* failure = std::get_if<Failure>(&answer);
    return failure ? std::to_string(failure->status) + " " + failure->problem.code + " " +
                         failure->problem.pointer
                   : "";
  }
  // Every row of a table, page by page: the given columns joined.
  std::vector<std::string> all(std::string_view table, Parameters parameters, size_t columns,
                               const char* limit) {
    std::vector<std::string> rows;
    parameters.emplace_back("limit", limit);
    size_t mine = parameters.size();
    for (;;) {
      Result page = ask(table, parameters);
      for (const auto& row : page.rows) {
        std::string text;
        for (size_t i = 0; i < columns; ++i) {
          if (auto* number = std::get_if<int64_t>(&row[i])) text += "/" + std::to_string(*number);
          if (auto* shown = std::get_if<std::string>(&row[i])) text += *shown;
        }
        rows.push_back(text);
      }
      if (page.next_cursor.empty()) return rows;
      EXPECT_LE(page.rows.size(), static_cast<size_t>(std::atoi(limit)));
      parameters.resize(mine);
      parameters.emplace_back("cursor", page.next_cursor);
    }
  }
  void fill(int orders) {
    for (int n = 0; n < orders; ++n) {
      if (n % 5 == 0) shop.apply(refund(n, n + 1));  // before its order
      shop.apply(purchase(n));
      if (n % 4 == 0) shop.apply(refund(1000 + n, n));
      if (n == orders / 3 || n == orders / 2) shop.end_epoch();
    }
  }

  silver::Shop shop;
  SilverSource source{shop.state, shop.tables, [this] {
                        return Position{static_cast<int64_t>(shop.next_offset) - 1, 7};
                      }};
};

TEST_F(SilverQuery, PagesHoldEveryRowOnce) {
  fill(60);
  for (const char* limit : {"1", "3", "7", "59", "60", "1000"}) {
    auto orders = all("orders", {}, 1, limit);
    EXPECT_EQ(orders.size(), 60u) << limit;
    EXPECT_EQ(std::set<std::string>(orders.begin(), orders.end()).size(), 60u) << limit;
    auto lines = all("order_lines", {}, 2, limit);
    EXPECT_EQ(lines.size(), 120u) << limit;
    EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), 120u) << limit;
    EXPECT_EQ(all("customers", {}, 1, limit).size(), 7u) << limit;
    EXPECT_EQ(all("products", {}, 1, limit).size(), 61u) << limit;
  }
}

TEST_F(SilverQuery, LooksAtManyRowsInSmallSteps) {
  for (int n = 0; n < 2500; ++n) shop.apply(purchase(n));
  EXPECT_EQ(all("orders", {{"order_id", "o2499"}}, 1, "1"), std::vector<std::string>{"o2499"});
  EXPECT_EQ(all("order_lines", {{"sku", "S2499"}}, 2, "1"), std::vector<std::string>{"o2499/1"});
  EXPECT_EQ(all("orders", {}, 1, "999").size(), 2500u);
}

TEST_F(SilverQuery, FiltersByColumnsAndDays) {
  fill(60);
  EXPECT_EQ(ask("orders", {{"country", "FR"}}).rows.size(), 20u);
  EXPECT_EQ(ask("orders", {{"country", "FR,GB"}, {"customer_id", "c1"}}).rows.size(), 9u);
  EXPECT_EQ(ask("orders", {{"occurred_at", "2011-01-01..2011-01-02"}}).rows.size(), 6u);
  EXPECT_EQ(ask("orders", {{"occurred_at", "2011-01-28"}}).rows.size(), 2u);
  EXPECT_EQ(ask("orders", {{"occurred_at", "2011-01-02T10:00:00Z..2011-01-02T10:00:00Z"}}).rows.size(), 3u);
  EXPECT_EQ(ask("orders", {{"status", "cancelled"}}).rows.size(), 0u);
  EXPECT_EQ(ask("order_lines", {{"sku", "S7"}}).rows.size(), 1u);
  EXPECT_EQ(ask("order_lines", {{"order_id", "o7"}}).rows.size(), 2u);
  EXPECT_EQ(ask("customers", {{"customer_id", "c1,c2,nobody"}}).rows.size(), 2u);
}

TEST_F(SilverQuery, ShowsOneRowByItsKey) {
  shop.apply(purchase(1));
  shop.apply(refund(1, 1));
  shop.apply(refund(2, 9));
  auto answer = query_silver_row(source, "orders", "o1");
  const auto& order = std::get<Result>(answer);
  ASSERT_EQ(order.rows.size(), 1u);
  ASSERT_EQ(order.columns.size(), order.rows[0].size());
  EXPECT_EQ(order.position.as_of_offset, 2);
  EXPECT_EQ(order.columns.back(), "refunds");
  EXPECT_EQ(
      std::get<RawJson>(order.rows[0].back()).text,
      R"([{"offset":1,"event_id":"r1","source":"","occurred_at":"2011-02-01T00:00:00Z","lines":[{"line":0,"sku":"A","quantity":1,"rules":[]}]}])");
  auto line = query_silver_row(source, "order_lines", "o1/1");
  EXPECT_EQ(std::get<std::string>(std::get<Result>(line).rows[0][2]), "S1");
  for (auto [table, key] : std::vector<std::pair<std::string, std::string>>{{"orders", "o9"},
                                                                            {"orders", ""},
                                                                            {"order_lines", "o1"},
                                                                            {"order_lines", "o1/2"},
                                                                            {"order_lines", "o1/x"},
                                                                            {"order_lines", "o1/-1"},
                                                                            {"customers", "c9"},
                                                                            {"customers", ""},
                                                                            {"products", "a"}}) {
    EXPECT_EQ(code(query_silver_row(source, table, key)), "404 unknown_row ") << table << " " << key;
  }
  EXPECT_EQ(code(query_silver_row(source, "nothing", "o1")), "404 unknown_table ");
}

TEST_F(SilverQuery, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(code(query_silver(source, "ordres", {})), "404 unknown_table ");
  EXPECT_EQ(code(query_silver(source, "orders", {{"colour", "red"}})), "400 unknown_parameter /colour");
  EXPECT_EQ(code(query_silver(source, "orders", {{"limit", "0"}})), "400 invalid_parameter /limit");
  EXPECT_EQ(code(query_silver(source, "orders", {{"cursor", "abc"}})), "400 invalid_cursor /cursor");
  EXPECT_EQ(code(query_silver(source, "orders", {{"occurred_at", "yesterday"}})),
            "400 invalid_parameter /occurred_at");
  EXPECT_EQ(code(query_quarantine(source, {{"colour", "red"}})), "400 unknown_parameter /colour");
  EXPECT_EQ(code(query_quality(source, {{"colour", "red"}})), "400 unknown_parameter /colour");
  fill(10);
  Result page = ask("orders", {{"limit", "2"}});
  EXPECT_EQ(code(query_silver(source, "customers", {{"cursor", page.next_cursor}})),
            "400 invalid_cursor /cursor");
}

TEST_F(SilverQuery, RefusesMalformedValues) {
  fill(10);
  using Case = std::tuple<std::string, std::string, std::string>;
  for (const auto& [table, name, value] : std::vector<Case>{{"orders", "status", "gone"},
                                                            {"orders", "status", ""},
                                                            {"orders", "country", "France"},
                                                            {"orders", "country", "GB,f"},
                                                            {"orders", "currency", "EU"},
                                                            {"orders", "occurred_at", "2011-02-30"},
                                                            {"order_lines", "kind", "foo"},
                                                            {"order_lines", "kind", "sale,"},
                                                            {"customers", "country", "G1"},
                                                            {"quarantine", "offset", "abc"},
                                                            {"quarantine", "offset", "-1"},
                                                            {"quarantine", "offset", "1..5"},
                                                            {"quarantine", "offset", "18446744073709551616"},
                                                            {"quarantine", "rule", "unknown"},
                                                            {"quarantine", "type", "sale"}}) {
    EXPECT_EQ(code(query_silver(source, table, {{name, value}})), "400 invalid_parameter /" + name) << value;
  }
  EXPECT_EQ(code(query_quarantine(source, {{"offset", "abc"}})), "400 invalid_parameter /offset");
  EXPECT_EQ(code(query_quality(source, {{"rule", "foo"}})), "400 invalid_parameter /rule");
  // Well-formed, and nothing has them.
  for (const auto& [table, name, value] : std::vector<Case>{{"orders", "country", "QQ"},
                                                            {"order_lines", "kind", "fee,adjustment"},
                                                            {"customers", "type", "foo"},
                                                            {"quarantine", "offset", "99"},
                                                            {"quarantine", "rule", "too_many_records"}}) {
    EXPECT_TRUE(ask(table, {{name, value}}).rows.empty()) << name;
  }
}

TEST_F(SilverQuery, QuarantineIsATableOfSilver) {
  fill(10);
  for (int n = 0; n < 4; ++n) shop.apply(refund(2000 + n, 500 + n));
  auto alone = query_quarantine(source, {{"limit", "3"}});
  Result table = ask("quarantine", {{"limit", "3"}});
  EXPECT_EQ(table.columns, std::get<Result>(alone).columns);
  EXPECT_EQ(table.next_cursor, std::get<Result>(alone).next_cursor);
  EXPECT_EQ(all("quarantine", {}, 3, "3"), all("quarantine", {}, 3, "100"));
  EXPECT_EQ(all("quarantine", {}, 3, "3").size(), 4u);
  auto offset = std::to_string(std::get<int64_t>(table.rows[1][0]));
  auto row = query_silver_row(source, "quarantine", offset);
  ASSERT_TRUE(std::holds_alternative<Result>(row));
  EXPECT_EQ(std::get<std::string>(std::get<Result>(row).rows[0][1]), "unknown_order");
  for (const char* key : {"0", "x", "", "1x", "18446744073709551616"}) {
    EXPECT_EQ(code(query_silver_row(source, "quarantine", key)), "404 unknown_row ") << key;
  }
}

TEST_F(SilverQuery, QuarantineAndQualityPageToo) {
  fill(60);
  for (int n = 0; n < 30; ++n) shop.apply(refund(2000 + n, 500 + n));
  std::set<int64_t> offsets;
  Parameters parameters{{"limit", "4"}, {"rule", "unknown_order"}};
  for (;;) {
    auto answer = query_quarantine(source, parameters);
    const auto& page = std::get<Result>(answer);
    for (const auto& row : page.rows) offsets.insert(std::get<int64_t>(row[0]));
    if (page.next_cursor.empty()) break;
    parameters = {{"limit", "4"}, {"rule", "unknown_order"}, {"cursor", page.next_cursor}};
  }
  EXPECT_EQ(offsets.size(), 30u);
  std::set<std::string> rules;
  parameters = {{"limit", "3"}};
  for (;;) {
    auto answer = query_quality(source, parameters);
    const auto& page = std::get<Result>(answer);
    for (const auto& row : page.rows) EXPECT_TRUE(rules.insert(std::get<std::string>(row[0])).second);
    if (page.next_cursor.empty()) break;
    parameters = {{"limit", "3"}, {"cursor", page.next_cursor}};
  }
  EXPECT_EQ(rules.size(), silver::kRules.size() - 1);  // every country was given: nothing asked the CRM
}

TEST_F(SilverQuery, ParametersMeanTheSameInAnyOrderAndComeOnce) {
  fill(60);
  Result page = ask("orders", {{"country", "fr"}, {"status", "open"}, {"limit", "2"}});
  ASSERT_FALSE(page.next_cursor.empty());
  EXPECT_EQ(page.view_version, 1u);
  Result next = ask("orders", {{"status", "open"}, {"cursor", page.next_cursor}, {"country", "fr"}});
  EXPECT_EQ(next.rows.size() + 2, all("orders", {{"country", "FR"}}, 1, "100").size());
  EXPECT_EQ(code(query_silver(source, "orders", {{"order_id", "o1"}, {"order_id", "o2"}})),
            "400 invalid_parameter /order_id");
  EXPECT_EQ(code(query_quality(source, {{"source", "a"}, {"source", "a"}})), "400 invalid_parameter /source");
}

// Large orders are looked at one at a time; pages are the same.
TEST_F(SilverQuery, PagesOfLargeOrdersAreWhole) {
  std::string lines;
  for (int i = 0; i < 1500; ++i) lines += R"({"sku":"L","quantity":1,"unit_price":"1"},)";
  for (int n = 0; n < 5; ++n) {
    shop.apply(R"({"event_id":"b)" + std::to_string(n) +
               R"(","type":"purchase","occurred_at":"2011-01-01T10:00:00Z","order_id":"big)" +
               std::to_string(n) + R"(","currency":"GBP","lines":[)" + lines +
               R"({"sku":"M","quantity":1,"unit_price":"1"}]})");
  }
  EXPECT_EQ(all("orders", {}, 1, "1000").size(), 5u);
  EXPECT_EQ(all("order_lines", {{"sku", "M"}}, 2, "2").size(), 5u);
  EXPECT_EQ(all("order_lines", {}, 2, "1000").size(), 5u * 1501);
}

}  // namespace
}  // namespace lode::query
