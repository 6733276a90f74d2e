// One place of a JSON text changed, the rest byte for byte.
#include "event/json_edit.h"

#include <gtest/gtest.h>

namespace lode::event {
namespace {

constexpr std::string_view kEvent =
    R"({ "a" : 1 , "lines":[ {"sku":"A", "unit_price" : "-2.50"},{} ], "x/y":{"~z":null}, "last":true })";

std::string edit(std::string_view pointer, std::string_view value, std::string_view json = kEvent) {
  return edit_json(json, pointer, value).value_or("nothing");
}

// `kEvent` with `by` where `what` stands.
std::string replaced(std::string_view what, std::string_view by) {
  std::string text(kEvent);
  return text.replace(text.find(what), what.size(), by);
}

TEST(JsonEditTest, ReplacesAValueAndNothingElse) {
  EXPECT_EQ(edit("/a", "2.00"), replaced("1", "2.00"));
  EXPECT_EQ(edit("/lines/0/unit_price", "1"), replaced(R"("-2.50")", "1"));
  EXPECT_EQ(edit("/lines/0/unit_price", R"("a\"b")"), replaced(R"("-2.50")", R"("a\"b")"));
  EXPECT_EQ(edit("/lines/1", R"({"sku":"B"})"), replaced("{}", R"({"sku":"B"})"));
  EXPECT_EQ(edit("/lines", "[]"), replaced(R"([ {"sku":"A", "unit_price" : "-2.50"},{} ])", "[]"));
  EXPECT_EQ(edit("/x~1y/~0z", "0"), replaced("null", "0"));
  EXPECT_EQ(edit("/last", "false"), replaced("true", "false"));
}

TEST(JsonEditTest, AddsAMemberThatIsNotThere) {
  EXPECT_EQ(edit("/revision", "3"), R"({"revision":3,)" + std::string(kEvent.substr(1)));
  EXPECT_EQ(edit("/lines/1/quantity", "4"), replaced("{}", R"({"quantity":4})"));
  EXPECT_EQ(edit("/a~1b", "1", "{ }"), R"({"a/b":1 })");
}

TEST(JsonEditTest, RefusesWhatLeadsNowhere) {
  for (std::string_view pointer : {"", "a", "/lines/7", "/lines/2/sku", "/no/such", "/a/b", "/lines/-"})
    EXPECT_EQ(edit(pointer, "1"), "nothing") << pointer;
  EXPECT_EQ(edit("/a", ""), "nothing");
  EXPECT_EQ(edit("/a", "1 2"), "nothing");
  EXPECT_EQ(edit("/a", "}{"), "nothing");
  EXPECT_EQ(edit("/a", "1", "{\"a\":"), "nothing");
  EXPECT_EQ(edit("/a", "1", "[1]"), "nothing");
}

}  // namespace
}  // namespace lode::event
