// Two declarations of a view: what differs, and whether an old query is answered as before.
#include "gold/view_difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lode::gold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = ViewDifference::Kind;

const std::string kUnits = R"({ name = "units", sum = "quantity", kinds = ["sale"] })";
const std::string kSales = R"({ name = "sales", sum = "net_amount", kinds = ["sale"] })";
const std::string kPrice = R"({ name = "price", ratio = ["sales", "units"] })";

View view(const std::vector<std::string>& measures, const std::string& keys = R"("day", "currency")",
          const std::string& more = "") {
  std::string text =
      "name = \"v\"\nsource = \"order_lines\"\n" + more + "keys = [" + keys + "]\nmeasures = [\n";
  for (const std::string& measure : measures) text += measure + ",\n";
  return parse_view(text + "]", "v.toml");
}

ViewDifference between(const View& before, const View& after) { return difference_of(&before, &after); }

std::vector<std::string> breaks(const View& before, const View& after) {
  return between(before, after).breaks;
}

TEST(ViewDifference, NothingOrWordsOnly) {
  EXPECT_EQ(between(view({kUnits}), view({kUnits})).kind, Kind::unchanged);
  const auto words = between(view({kUnits}), view({kUnits}, R"("day", "currency")", "description = \"x\"\n"));
  EXPECT_EQ(words.kind, Kind::described);
  EXPECT_FALSE(words.changes_rows());
  EXPECT_TRUE(words.is_additive());
}

TEST(ViewDifference, AddedAndDropped) {
  const View one = view({kUnits});
  const auto added = difference_of(nullptr, &one), dropped = difference_of(&one, nullptr);
  EXPECT_EQ(added.kind, Kind::added);
  EXPECT_FALSE(added.version);
  EXPECT_TRUE(added.is_additive());
  EXPECT_EQ(dropped.kind, Kind::dropped);
  EXPECT_FALSE(dropped.next_version);
  EXPECT_THAT(dropped.breaks, ElementsAre(HasSubstr("unknown_view")));
}

TEST(ViewDifference, AMeasureMoreIsAdditiveBehindTheOthers) {
  const View before = view({kUnits, kSales});
  const auto more = between(before, view({kUnits, kSales, kPrice}));
  EXPECT_EQ(more.kind, Kind::changed);
  EXPECT_THAT(more.measures.added, ElementsAre("price"));
  EXPECT_THAT(more.breaks, IsEmpty());
  EXPECT_THAT(
      breaks(before, view({kUnits, R"({ name = "orders", distinct = "order", kinds = ["sale"] })", kSales})),
      ElementsAre(HasSubstr("`orders` stands where `sales` stood")));
}

TEST(ViewDifference, ADifferenceInTheMiddleIsToldOnce) {
  EXPECT_THAT(breaks(view({kUnits, kSales}), view({kSales, kUnits})),
              ElementsAre(HasSubstr("columns of CSV answers move")));
}

TEST(ViewDifference, KeysAndFilterBreak) {
  const View before = view({kUnits});
  const auto split = between(before, view({kUnits}, R"("day", "currency", "channel")"));
  EXPECT_THAT(split.keys_added, ElementsAre("channel"));
  EXPECT_THAT(split.breaks, ElementsAre("rows are split by the new key `channel`"));
  EXPECT_THAT(breaks(before, view({kUnits}, R"("day")")), ElementsAre("the key `currency` is gone"));
  EXPECT_THAT(breaks(before, view({kUnits}, R"("currency", "day")")),
              ElementsAre(HasSubstr("another order")));
  EXPECT_THAT(breaks(before, view({kUnits}, R"("day", "currency")", "filter = { customer = \"known\" }\n")),
              ElementsAre(HasSubstr("anonymous")));
}

TEST(ViewDifference, AMeasureGoneHiddenOrOtherwiseBreaks) {
  const View before = view({kUnits, kSales, kPrice});
  EXPECT_THAT(breaks(before, view({kUnits, kSales})), ElementsAre("the measure `price` is gone"));
  const std::string hidden = R"({ name = "units", sum = "quantity", kinds = ["sale"], hidden = true })";
  EXPECT_THAT(breaks(before, view({hidden, kSales, kPrice})), ElementsAre("the measure `units` is hidden"));
  const std::string gross = R"({ name = "sales", sum = "amount", kinds = ["sale"] })";
  const auto otherwise = between(before, view({kUnits, gross, kPrice}));
  ASSERT_EQ(otherwise.measures.changed.size(), 1u);
  EXPECT_EQ(otherwise.measures.changed[0].was, kSales);
  EXPECT_EQ(otherwise.measures.changed[0].is, gross);
  EXPECT_THAT(otherwise.breaks, ElementsAre("the measure `sales` says something else",
                                            "the measure `price` says something else"))
      << "what is made of it, too";
}

// A row is there while a stored measure is not zero.
TEST(ViewDifference, RowsThatComeOrGoBreak) {
  const View before = view({kUnits, kSales});
  EXPECT_THAT(breaks(before, view({kUnits, kSales, R"({ name = "fees", sum = "amount", kinds = ["fee"] })"})),
              ElementsAre("rows come that were not there: of fee lines, by `fees`"));
  EXPECT_THAT(
      breaks(before, view({kUnits, kSales, R"({ name = "orders", distinct = "order", kinds = ["sale"] })"})),
      IsEmpty());
  // Discounts may be all there is of `sales`: a row of free gifts at full discount would come.
  EXPECT_THAT(breaks(view({kSales}), view({kSales, kUnits})),
              ElementsAre("rows come that were not there: of sale lines, by `units`"));
  const std::string hidden = R"({ name = "free", sum = "quantity", kinds = ["free"], hidden = true })";
  EXPECT_THAT(
      breaks(view({kUnits, hidden, R"({ name = "d", difference = ["units", "free"] })"}), view({kUnits})),
      ElementsAre("the measure `d` is gone", "rows go that nothing else keeps: of free lines, by `free`"));
}

TEST(ViewDifference, AHiddenMeasureThatIsShownIsAColumnMore) {
  const std::string hidden = R"({ name = "sales", sum = "net_amount", kinds = ["sale"], hidden = true })";
  EXPECT_THAT(breaks(view({kUnits, hidden, kPrice}), view({kUnits, kSales, kPrice})),
              ElementsAre(HasSubstr("`sales` stands where `price` stood")));
}

}  // namespace
}  // namespace lode::gold
