// View declarations: what is read, and what is refused with which words.
#include "gold/view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lode::gold {
namespace {

using ::testing::HasSubstr;

constexpr const char* kMinimal = R"(
name = "units"
source = "order_lines"
keys = ["sku"]
measures = [ { name = "units_sold", sum = "quantity", kinds = ["sale"] } ]
)";

std::string error_of(std::string_view text) {
  try {
    parse_view(text, "units.toml");
  } catch (const InvalidView& error) {
    return error.what();
  }
  return "";
}

std::string with_measure(const std::string& measure) {
  return "name = \"v\"\nsource = \"order_lines\"\nkeys = [\"sku\", \"currency\"]\nmeasures = [\n"
         "{ name = \"units\", sum = \"quantity\", kinds = [\"sale\"] },\n" +
         measure + "\n]";
}

TEST(ViewTest, ReadsADeclaration) {
  View view = parse_view(kMinimal, "units.toml");
  EXPECT_EQ(view.name, "units");
  EXPECT_EQ(view.keys, std::vector<Column>{Column::sku});
  EXPECT_EQ(view.kinds, bit(silver::Kind::sale));
  EXPECT_FALSE(view.known_customers);
  ASSERT_EQ(view.measures.size(), 1u);
  EXPECT_EQ(view.measures[0].type, Measure::Type::sum);
  EXPECT_FALSE(view.measures[0].money);
}

TEST(ViewTest, ADescriptionIsNoPartOfTheVersion) {
  uint64_t version = parse_view(kMinimal, "a").version;
  EXPECT_EQ(parse_view(std::string("description = \"x\"\n") + kMinimal, "b").version, version);
  EXPECT_NE(parse_view(std::string("filter = { customer = \"known\" }\n") + kMinimal, "b").version, version);
}

TEST(ViewTest, TheShippedViewsHaveTheContractsColumns) {
  std::vector<View> views = read_views(LODE_SOURCE_DIR "/config/views");
  std::map<std::string, std::string> columns;
  for (const View& view : views) {
    std::string& list = columns[view.name];
    for (Column key : view.keys) list += std::string(to_string(key)) + " ";
    for (const Measure& measure : view.measures) {
      if (!measure.hidden) list += measure.name + " ";
    }
  }
  const std::string sales =
      "transactions units_sold gross_sales discounts return_orders units_returned returns net_sales fees "
      "free_units customers average_price average_order_value ";
  EXPECT_EQ(columns["daily_sales"], "day country currency " + sales);
  EXPECT_EQ(columns["daily_product_sales"], "day country currency sku " + sales);
  EXPECT_EQ(columns["customer_product_affinity"],
            "customer_id sku currency orders units net_spend share_of_spend first_purchase last_purchase ");
  EXPECT_EQ(columns["product_popularity"],
            "customer_type sku currency customers orders units net_spend rank ");
  EXPECT_EQ(columns["customer_insights"],
            "customer_id currency orders units net_spend first_purchase last_purchase average_order_value ");
  EXPECT_EQ(views.size(), 5u);
}

TEST(ViewTest, AnErrorNamesFileLineAndTheNearestKnownName) {
  EXPECT_EQ(error_of("name = \"units\"\nsorce = \"order_lines\"\n"),
            "units.toml:2: unknown key `sorce`; did you mean `source`?");
  EXPECT_THAT(error_of(with_measure("{ name = \"x\", sum = \"quantty\", kinds = [\"sale\"] }")),
              HasSubstr("units.toml:6: unknown sum `quantty`; did you mean `quantity`?"));
  EXPECT_THAT(error_of(with_measure("{ name = \"x\", sum = \"amount\", kinds = [\"sales\"] }")),
              HasSubstr("did you mean `sale`?"));
  EXPECT_THAT(error_of("name = \n"), HasSubstr("units.toml:1: "));
}

TEST(ViewTest, RefusesWhatHasNoMeaning) {
  EXPECT_THAT(error_of(with_measure("{ name = \"x\" }")), HasSubstr("needs one of sum"));
  EXPECT_THAT(error_of(with_measure("{ name = \"x\", sum = \"amount\" }")), HasSubstr("`kinds` is missing"));
  EXPECT_THAT(error_of(with_measure("{ name = \"units\", sum = \"amount\", kinds = [\"fee\"] }")),
              HasSubstr("is taken"));
  EXPECT_THAT(error_of(with_measure("{ name = \"sku\", sum = \"amount\", kinds = [\"fee\"] }")),
              HasSubstr("is taken"));
  EXPECT_THAT(error_of(with_measure("{ name = \"x\", ratio = [\"units\", \"later\"] }")),
              HasSubstr("unknown measure"));
  EXPECT_THAT(error_of(with_measure("{ name = \"x\", ratio = [\"units\"] }")), HasSubstr("of two measures"));
  EXPECT_THAT(error_of(with_measure("{ name = \"x\", share = \"units\", within = [\"day\"] }")),
              HasSubstr("unknown key of this view `day`"));
  EXPECT_THAT(error_of(with_measure("{ name = \"x\", sum = \"amount\", kinds = [\"fee\"], hidden = true }")),
              HasSubstr("`x` is hidden and no shown measure is made of it"));
  EXPECT_THAT(
      error_of(with_measure("{ name = \"x\", sum = \"amount\", distinct = \"order\", kinds = [\"fee\"] }")),
      HasSubstr("is both"));
}

TEST(ViewTest, MoneyIsOfOneCurrency) {
  const std::string head = "name = \"v\"\nsource = \"order_lines\"\nkeys = [\"sku\"]\nmeasures = [\n";
  const std::string sales = "{ name = \"sales\", sum = \"net_amount\", kinds = [\"sale\"] },\n";
  const std::string units = "{ name = \"units\", sum = \"quantity\", kinds = [\"sale\"] },\n";
  for (const char* made : {"{ name = \"x\", sum = \"amount\", kinds = [\"sale\"] }",
                           "{ name = \"x\", ratio = [\"sales\", \"units\"] }",
                           "{ name = \"x\", rank = [\"sales\"], within = [\"sku\"] }",
                           "{ name = \"x\", share = \"sales\", within = [\"sku\"] }"}) {
    EXPECT_THAT(error_of(head + sales + units + made + "]"), HasSubstr("make `currency` a key")) << made;
  }
  EXPECT_EQ(error_of(head + units + "{ name = \"x\", share = \"units\", within = [\"sku\"] }]"), "");
  EXPECT_THAT(error_of(with_measure(sales + "{ name = \"x\", share = \"sales\", within = [\"sku\"] }")),
              HasSubstr("`x` compares money of several currencies: name `currency` in `within`"));
  EXPECT_EQ(
      error_of(with_measure(sales + "{ name = \"x\", share = \"sales\", within = [\"sku\", \"currency\"] }")),
      "");
}

TEST(ViewTest, ItsTextIsTheViewAgain) {
  for (View view : read_views(LODE_SOURCE_DIR "/config/views")) {
    view.description = "a \"quoted\" \\ one,\non two lines";
    View read = parse_view(to_toml(view), "again.toml");
    EXPECT_EQ(read.version, view.version) << to_toml(view);
    EXPECT_EQ(read.description, view.description);
    EXPECT_EQ(to_toml(read), to_toml(view));
  }
  View least = parse_view(kMinimal, "units.toml");
  EXPECT_EQ(parse_view(to_toml(least), "units.toml").version, least.version);
}

TEST(ViewTest, AFolderThatIsNotThereIsNamed) { EXPECT_THROW(read_views("/nowhere/at/all"), InvalidView); }

}  // namespace
}  // namespace lode::gold
