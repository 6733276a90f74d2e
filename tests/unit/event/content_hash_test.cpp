#include "event/content_hash.h"

#include "decoding.h"

namespace lode::event {
namespace {

struct Pair {
  const char* what;
  const char* from;
  const char* to;
};

class SameContent : public testing::TestWithParam<Pair> {};
TEST_P(SameContent, HasTheSameHash) {
  EXPECT_EQ(hash_of(with(kPurchase, GetParam().from, GetParam().to)), hash_of(kPurchase)) << GetParam().what;
}
INSTANTIATE_TEST_SUITE_P(
    ContentHash, SameContent,
    testing::Values(
        Pair{"the key is not content", R"("e-1")", R"("e-2")"},
        Pair{"nor the source", R"("web")", R"("app")"},
        Pair{"spacing", R"({"event_id":)", "{ \"event_id\" :\t"},
        Pair{"order of members", R"("channel":"shop","revision":2)", R"("revision":2,"channel":"shop")"},
        Pair{"order inside", R"("id":"17850","type":"wholesale")", R"("type":"wholesale","id":"17850")"},
        Pair{"money by value", R"("2.55")", "2.550"}, Pair{"money as exponent", R"("2.55")", "255e-2"},
        Pair{"time by value", "08:26:00Z", "10:26:00.000+02:00"}, Pair{"integer by value", ":6", ":6.0"},
        Pair{"escapes", "HEART", "HE\\u0041RT"}, Pair{"escaped names", "\"sku\"", "\"sk\\u0075\""},
        Pair{"null is absent", R"("coupon":"XMAS"})", R"("coupon":"XMAS"},"country":null)"},
        Pair{"empty is absent", R"("coupon":"XMAS"})", R"("coupon":"XMAS"},"country":"")"}));

class OtherContent : public testing::TestWithParam<Pair> {};
TEST_P(OtherContent, HasAnotherHash) {
  EXPECT_NE(hash_of(with(kPurchase, GetParam().from, GetParam().to)), hash_of(kPurchase)) << GetParam().what;
}
INSTANTIATE_TEST_SUITE_P(
    ContentHash, OtherContent,
    testing::Values(Pair{"type", "\"purchase\"", "\"refund\""}, Pair{"time", "08:26:00", "08:26:01"},
                    Pair{"order", "536365", "536366"}, Pair{"currency", "GBP", "EUR"},
                    Pair{"channel", "shop", "Shop"}, Pair{"revision", ":2", ":3"},
                    Pair{"no revision", R"("revision":2,)", ""}, Pair{"customer", "17850", "17851"},
                    Pair{"customer type", "wholesale", "retail"},
                    Pair{"customer country", "United Kingdom", "UK"}, Pair{"sku", "85123A", "85123a"},
                    Pair{"description", "HEART", "HEART "}, Pair{"category", "home", "garden"},
                    Pair{"quantity", ":6", ":7"}, Pair{"sign", ":6", ":-6"}, Pair{"price", "2.55", "2.56"},
                    Pair{"discount", "0.10", "0"}, Pair{"unknown value", "XMAS", "EASTER"},
                    Pair{"unknown name", "coupon", "Coupon"}, Pair{"unknown kind", "\"XMAS\"", "null"},
                    Pair{"new member", R"("attributes")", R"("x":false,"attributes")"},
                    Pair{"new member of a line", R"("sku")", R"("x":1,"sku")"},
                    Pair{"new line", R"("lines":[)",
                         R"("lines":[{"sku":"A","quantity":1,"unit_price":0},)"}));

TEST(ContentHash, UnknownMembersCountByValue) {
  auto attribute = [](const std::string& value) { return hash_of(with(kPurchase, "\"XMAS\"", value)); };
  EXPECT_EQ(attribute("1"), attribute("1.0"));
  EXPECT_EQ(attribute("1200"), attribute("1.2e3"));
  EXPECT_EQ(attribute("0"), attribute("-0.0e5"));
  EXPECT_EQ(attribute("123456789012345678901234567890"), attribute("1234567890123456789012345678.90e2"));
  EXPECT_EQ(attribute(R"({"a":1,"b":[2]})"), attribute(R"({ "b": [ 2 ], "a": 1 })"));
  EXPECT_NE(attribute("1"), attribute("\"1\""));
  EXPECT_NE(attribute("1"), attribute("-1"));
  EXPECT_NE(attribute("1"), attribute("10"));
  EXPECT_NE(attribute("100000000000000000000000"), attribute("100000000000000000000001"));
  EXPECT_NE(attribute("[1,2]"), attribute("[2,1]"));
  EXPECT_NE(attribute("[]"), attribute("{}"));
  EXPECT_NE(attribute("[]"), attribute("[[]]"));
  EXPECT_NE(attribute("[null]"), attribute("[null,null]"));
  EXPECT_NE(attribute("true"), attribute("false"));
  EXPECT_NE(attribute("\"\""), attribute("null"));
  EXPECT_NE(attribute(R"({"a":{"b":1}})"), attribute(R"({"a":1,"b":1})"));
}

TEST(ContentHash, LinesCountInTheirOrder) {
  auto lines = [](const std::string& text) {
    size_t from = kPurchase.find('['), to = kPurchase.find(']');
    return hash_of(std::string(kPurchase).replace(from, to - from + 1, text));
  };
  EXPECT_NE(lines(R"([{"sku":"A","quantity":1,"unit_price":1},{"sku":"B","quantity":1,"unit_price":1}])"),
            lines(R"([{"sku":"B","quantity":1,"unit_price":1},{"sku":"A","quantity":1,"unit_price":1}])"));
  EXPECT_EQ(lines(R"([{"sku":"A","quantity":1,"unit_price":1,"discount":"0"}])"),
            lines(R"([{"unit_price":"1.00","quantity":1.0,"sku":"A"}])"));
}

// The values are stored with every id for ever: a change of the function would make every retry a conflict.
// What is absent, null, "" or a zero discount adds nothing.
TEST(ContentHash, NeverChanges) {
  EXPECT_EQ(hash_of(kPurchase), 5583364552091249698u);
  const std::string bare =
      R"({"event_id":"e","type":"purchase","occurred_at":"2010-12-01T08:26:00Z","order_id":"1","currency":"GBP",)"
      R"("lines":[{"sku":"A","quantity":6,"unit_price":"2.55"}]})";
  EXPECT_EQ(hash_of(bare), 4635038291389396439u);
  EXPECT_EQ(hash_of(with(bare, R"("2.55")", R"("2.55","discount":"0")")), hash_of(bare));
  EXPECT_EQ(hash_of(with(bare, R"("2.55")", R"("2.55","discount":0.00)")), hash_of(bare));
  EXPECT_EQ(hash_of(with(bare, R"("2.55")", R"("2.55","discount":null,"description":"")")), hash_of(bare));
  EXPECT_EQ(hash_of(with(bare, R"("lines")", R"("revision":0,"lines")")), hash_of(bare));
  EXPECT_NE(hash_of(with(bare, R"("2.55")", R"("2.55","discount":"0.000001")")), hash_of(bare));
}

}  // namespace
}  // namespace lode::event
