#include "event/json.h"

#include "decoding.h"

namespace lode::event {
namespace {

TEST(Json, ReadsAPurchase) {
  Decoded decoded = decode_json(kPurchase);
  ASSERT_EQ(decoded.batch.events.size(), 1u);
  const Event& event = decoded.event();
  EXPECT_EQ(event.type, EventType::purchase);
  EXPECT_EQ(event.event_id, "e-1");
  EXPECT_EQ(event.source, "web");
  EXPECT_EQ(event.occurred_at.value, 1'291'191'960'000'000);
  EXPECT_EQ(event.order_id, "536365");
  EXPECT_EQ(event.currency, "GBP");
  EXPECT_EQ(event.channel, "shop");
  EXPECT_EQ(event.revision, 2);
  EXPECT_EQ(event.customer.id, "17850");
  EXPECT_EQ(event.customer.type, "wholesale");
  EXPECT_EQ(event.customer.country, "United Kingdom");
  ASSERT_EQ(event.line_count, 1u);
  const Line& line = decoded.batch.lines_of(event)[0];
  EXPECT_EQ(line.sku, "85123A");
  EXPECT_EQ(line.description, "HEART");
  EXPECT_EQ(line.category, "home");
  EXPECT_EQ(line.quantity, 6);
  EXPECT_EQ(line.unit_price.micros, 2'550'000);
  EXPECT_EQ(line.discount.micros, 100'000);
  EXPECT_EQ(event.payload, kPurchase);
  EXPECT_EQ(event.payload.data(), decoded.batch.bodies[0]->data()) << "copied";
  EXPECT_TRUE(event.contact.empty());
  expect_replay(event);
}

TEST(Json, ReadsEveryType) {
  auto body = [](const char* rest) {
    return std::string(R"({"event_id":"e","occurred_at":"2011-01-01T00:00:00Z",)") + rest + "}";
  };
  Decoded refund = decode_json(body(R"("type":"refund","order_id":"1","lines":[{"sku":"A","quantity":2}])"));
  ASSERT_EQ(refund.batch.events.size(), 1u);
  EXPECT_FALSE(refund.batch.lines[0].has_unit_price);
  Decoded cancellation = decode_json(body(R"("type":"cancellation","order_id":"1","lines":"whatever")"));
  ASSERT_EQ(cancellation.batch.events.size(), 1u);
  EXPECT_EQ(cancellation.event().order_id, "1");
  for (const char* rest :
       {R"("type":"customer","customer_id":"7","customer_type":"vip","country":"FR")",
        R"("type":"customer","customer":{"country":"FR","id":"7","type":"vip"})",
        R"("customer":{"id":"7"},"country":"FR","customer_type":"vip","type":"customer")"}) {
    Decoded customer = decode_json(body(rest));
    ASSERT_EQ(customer.batch.events.size(), 1u) << rest;
    EXPECT_EQ(customer.event().customer.id, "7");
    EXPECT_EQ(customer.event().customer.type, "vip");
    EXPECT_EQ(customer.event().customer.country, "FR");
  }
  for (const char* rest :
       {R"("type":"product","sku":"S","description":"D","category":"C","name":"n","lines":5)",
        R"("product":{"sku":"S","category":"C"},"description":"D","type":"product","name":"n")"}) {
    Decoded product = decode_json(body(rest));
    ASSERT_EQ(product.batch.events.size(), 1u) << rest;
    EXPECT_EQ(product.event().product.sku, "S");
    EXPECT_EQ(product.event().product.description, "D");
    EXPECT_EQ(product.event().product.category, "C");
    EXPECT_TRUE(product.event().contact.empty()) << "a product's name is no contact data";
  }
}

TEST(Json, ResolvesEscapesAndKeepsThePayload) {
  std::string text = with(kPurchase, "HEART", R"(\u00e9\ud83d\ude00\n\"x\/\\)");
  text = with(text, R"("sku")", R"("s\u006bu")");
  Decoded decoded = decode_json(text);
  ASSERT_EQ(decoded.batch.events.size(), 1u);
  EXPECT_EQ(decoded.batch.lines[0].description, "é😀\n\"x/\\");
  EXPECT_EQ(decoded.batch.lines[0].sku, "85123A");
  EXPECT_EQ(decoded.event().payload, text);
}

TEST(Json, TakesIntegersByValue) {
  for (const char* quantity : {"6", "6.0", "60e-1", "0.6E1", "6.000"}) {
    Decoded decoded = decode_json(with(kPurchase, "\"quantity\":6", std::string("\"quantity\":") + quantity));
    ASSERT_EQ(decoded.batch.events.size(), 1u) << quantity;
    EXPECT_EQ(decoded.batch.lines[0].quantity, 6) << quantity;
  }
}

TEST(Json, TakesNullAndEmptyTextAsNotSent) {
  std::string text = with(kPurchase, R"("shop")", "null");
  text = with(text, R"("wholesale")", R"("")");
  text = with(text, R"("0.10")", "null");
  text = with(text, R"("revision":2)", R"("revision":null)");
  Decoded decoded = decode_json(text);
  ASSERT_EQ(decoded.batch.events.size(), 1u);
  EXPECT_TRUE(decoded.event().channel.empty());
  EXPECT_TRUE(decoded.event().customer.type.empty());
  EXPECT_EQ(decoded.batch.lines[0].discount.micros, 0);
  Decoded none = decode_json(
      with(kPurchase, R"("customer":{"id":"17850","type":"wholesale","country":"United Kingdom"})",
           R"("customer":null)"));
  EXPECT_EQ(none.batch.events.size(), 1u);
}

struct Refused {
  const char* from;
  const char* to;
  const char* code;
  const char* pointer;
};

class JsonRefuses : public testing::TestWithParam<Refused> {};

TEST_P(JsonRefuses, OneEvent) {
  const Refused& refused = GetParam();
  std::string text = with(kPurchase, refused.from, refused.to);
  Decoded decoded = decode_json("[" + kPurchase + "," + text + "," + kPurchase + "]");
  ASSERT_FALSE(decoded.body_problem) << text;
  EXPECT_EQ(decoded.batch.events.size(), 2u);
  EXPECT_EQ(decoded.batch.lines.size(), 2u);
  EXPECT_EQ(decoded.batch.indexes, (std::vector<uint32_t>{0, 2}));
  ASSERT_EQ(decoded.batch.rejections.size(), 1u) << text;
  EXPECT_EQ(decoded.batch.rejections[0].index, 1u);
  EXPECT_EQ(decoded.problem().code, refused.code) << text;
  EXPECT_EQ(decoded.problem().pointer, refused.pointer) << text;
  EXPECT_TRUE(decoded.problem().detail.ends_with('.')) << decoded.problem().detail;

  Decoded lines = decode_ndjson(kPurchase + "\n" + text + "\n\n" + kPurchase);
  EXPECT_EQ(lines.batch.indexes, (std::vector<uint32_t>{0, 2}));
  ASSERT_EQ(lines.batch.rejections.size(), 1u);
  EXPECT_EQ(lines.problem().code, refused.code);
  EXPECT_EQ(lines.problem().pointer, refused.pointer);
}

INSTANTIATE_TEST_SUITE_P(
    Json, JsonRefuses,
    testing::Values(
        Refused{R"("event_id":"e-1",)", "", "missing_field", "/event_id"},
        Refused{R"("e-1")", "null", "missing_field", "/event_id"},
        Refused{R"("e-1")", "1", "invalid_type", "/event_id"},
        Refused{R"("type":"purchase",)", "", "missing_field", "/type"},
        Refused{R"("type":"purchase")", R"("type":"sale")", "unknown_type", "/type"},
        Refused{R"("type":"purchase")", R"("type":5)", "invalid_type", "/type"},
        Refused{R"("occurred_at":"2010-12-01T08:26:00Z",)", "", "missing_field", "/occurred_at"},
        Refused{"08:26:00Z", "08:26:00", "invalid_time", "/occurred_at"},
        Refused{R"("order_id":"536365")", R"("order_id":"")", "missing_field", "/order_id"},
        Refused{R"("GBP")", R"([])", "invalid_type", "/currency"},
        Refused{R"("currency":"GBP",)", "", "missing_field", "/currency"},
        Refused{R"("id":"17850")", R"("id":17850)", "invalid_type", "/customer/id"},
        Refused{R"("customer":{)", R"("customer":[],"x":{)", "invalid_type", "/customer"},
        Refused{R"("revision":2)", R"("revision":2.5)", "invalid_value", "/revision"},
        Refused{R"("revision":2)", R"("revision":"2")", "invalid_type", "/revision"},
        Refused{R"("revision":2)", R"("revision":2,"revision":3)", "duplicate_member", "/revision"},
        Refused{R"("sku":"85123A")", R"("sku":"85123A","sku":"B")", "duplicate_member", "/lines/0/sku"},
        Refused{R"("sku":"85123A",)", "", "missing_field", "/lines/0/sku"},
        Refused{R"("85123A")", R"(" \t\u00a0\u3000")", "invalid_value", "/lines/0/sku"},
        Refused{R"("order_id":"536365")", R"("order_id":" ")", "invalid_value", "/order_id"},
        Refused{R"("e-1")", R"("\u2003")", "invalid_value", "/event_id"},
        Refused{R"("quantity":6,)", "", "missing_field", "/lines/0/quantity"},
        Refused{R"("quantity":6)", R"("quantity":"6")", "invalid_type", "/lines/0/quantity"},
        Refused{R"("quantity":6)", R"("quantity":6.5)", "invalid_value", "/lines/0/quantity"},
        Refused{R"("quantity":6)", R"("quantity":2147483648)", "out_of_range", "/lines/0/quantity"},
        Refused{R"("quantity":6)", R"("quantity":-2147483648)", "out_of_range", "/lines/0/quantity"},
        Refused{R"("quantity":6)", R"("quantity":1e30)", "out_of_range", "/lines/0/quantity"},
        Refused{R"("quantity":6)", R"("quantity":06)", "invalid_json", ""},
        Refused{R"("unit_price":"2.55")", R"("unit_price":null)", "missing_field", "/lines/0/unit_price"},
        Refused{"2.55", "2.5x", "invalid_value", "/lines/0/unit_price"},
        Refused{"2.55", "2.5555555", "invalid_value", "/lines/0/unit_price"},
        Refused{"2.55", "9223372036855", "out_of_range", "/lines/0/unit_price"},
        Refused{"2.55", "9223372036854", "out_of_range", "/lines/0/unit_price"},  // times 6
        Refused{R"("2.55")", "true", "invalid_type", "/lines/0/unit_price"},
        Refused{R"("2.55")", "02.5", "invalid_json", ""},
        Refused{R"("0.10")", R"("-0.10")", "invalid_value", "/lines/0/discount"},
        Refused{R"("lines":[{)", R"("lines":[],"x":[{)", "missing_field", "/lines"},
        Refused{R"("lines":[{)", R"("lines":[7,{)", "invalid_type", "/lines/0"},
        Refused{R"("lines":[)", R"("lines":{},"x":[)", "invalid_type", "/lines"},
        Refused{R"("XMAS")", R"("\x")", "invalid_json", ""},
        Refused{R"("XMAS")", R"("\udc00")", "invalid_json", ""},
        Refused{R"("XMAS")", R"("\ud800\u0041")", "invalid_json", ""},
        Refused{R"("XMAS")", R"("\ud800")", "invalid_json", ""},
        Refused{R"("XMAS")", R"(tru)", "invalid_json", ""}, Refused{R"("XMAS")", R"(1.)", "invalid_json", ""},
        Refused{R"("XMAS")", R"("a""b")", "invalid_json", ""},
        Refused{R"("XMAS")", R"(1 2)", "invalid_json", ""},
        Refused{R"("coupon":"XMAS")", R"("coupon")", "invalid_json", ""},
        Refused{R"("coupon":"XMAS")", R"("coupon":"XMAS",)", "invalid_json", ""}));

TEST(Json, RefusesBodiesThatCannotBeSplit) {
  for (const char* text : {"", "  ", "{", "[{}", "[{}]]", "[{},]", "{}{}", "5", "\"x\"", "[{\"a\":\"b]",
                           "\xff{}", "{\"a\":\"\x01\"}", "nul"}) {
    Decoded decoded = decode_json(text);
    ASSERT_TRUE(decoded.body_problem) << text;
    EXPECT_EQ(decoded.body_problem->code, "invalid_json");
    EXPECT_EQ(decoded.batch.item_count, 0u);
  }
  EXPECT_FALSE(decode_json("[]").body_problem);
  EXPECT_EQ(decode_json("\xEF\xBB\xBF" + kPurchase).batch.events.size(), 1u);
  Decoded scalars = decode_json("[1,\"x\",null,[]]");
  ASSERT_EQ(scalars.batch.rejections.size(), 4u);
  for (const Rejection& rejection : scalars.batch.rejections)
    EXPECT_EQ(rejection.problem.code, "invalid_type");
}

TEST(Json, KeepsLimits) {
  Limits limits;
  limits.events_per_request = 2;
  EXPECT_FALSE(decode_json("[1,2]", Format::json, limits).body_problem);
  EXPECT_EQ(decode_json("[1,2,3]", Format::json, limits).body_problem->code, "too_many_events");
  EXPECT_EQ(decode_ndjson("1\n2\n\n3", limits).body_problem->code, "too_many_events");
  limits = {};
  limits.event_bytes = static_cast<uint32_t>(kPurchase.size());
  EXPECT_EQ(decode_json("[" + kPurchase + "]", Format::json, limits).batch.events.size(), 1u);
  EXPECT_EQ(decode_json(kPurchase, Format::json, limits).batch.events.size(), 1u);
  limits.event_bytes -= 1;
  EXPECT_EQ(decode_json(kPurchase, Format::json, limits).problem().code, "too_large");
  Decoded lines = decode_ndjson("{}\n" + kPurchase + "\n{}", limits);
  ASSERT_EQ(lines.batch.rejections.size(), 3u);
  EXPECT_EQ(lines.problem(1).code, "too_large");
  EXPECT_EQ(lines.batch.rejections[1].index, 1u);
  limits = {};
  limits.id_bytes = 3;
  Decoded id = decode_json(with(kPurchase, "web", "webs"), Format::json, limits);
  EXPECT_EQ(id.problem().code, "too_long");
  limits = {};
  limits.text_bytes = 4;
  EXPECT_EQ(decode_json(kPurchase, Format::json, limits).problem().code, "too_long");
  limits = {};
  limits.lines_per_order = 1;
  std::string two = with(kPurchase, "\"lines\":[", R"("lines":[{"sku":"a","quantity":1,"unit_price":1},)");
  EXPECT_EQ(decode_json(two, Format::json, limits).problem().code, "too_many_lines");
  limits = {};
  limits.nesting = 4;
  auto nested = [](int depth) {
    return with(kPurchase, "\"XMAS\"", std::string(depth, '[') + "1" + std::string(depth, ']'));
  };
  EXPECT_EQ(decode_json(nested(2), Format::json, limits).batch.events.size(), 1u);
  EXPECT_EQ(decode_json(nested(3), Format::json, limits).problem().code, "too_deep");
  EXPECT_EQ(decode_json(nested(100'000)).problem().code, "too_deep");
}

TEST(Ndjson, ABrokenLineCostsOnlyItself) {
  const char* broken[] = {"{",          "{\"a\":1,",  "}",    "nonsense",
                          "{\"a\":\"b", "\"",         "\xff", "{\"a\":\"\x01\"}",
                          "{} {}",      "[{}]",       "\\",   "{\"event_id\":\"x\"",
                          "\\\"",       "{\"a\":\"\\"};
  for (const char* line : broken) {
    Decoded decoded = decode_ndjson(kPurchase + "\r\n" + line + "\n \r\n" + kPurchase + "\n" + kPurchase);
    EXPECT_EQ(decoded.batch.indexes, (std::vector<uint32_t>{0, 2, 3})) << line;
    ASSERT_EQ(decoded.batch.rejections.size(), 1u) << line;
    EXPECT_EQ(decoded.batch.rejections[0].index, 1u) << line;
    EXPECT_EQ(decoded.problem().code, std::string_view(line) == "[{}]" ? "invalid_type" : "invalid_json")
        << line;
    for (const Event& event : decoded.batch.events) EXPECT_EQ(event.payload, kPurchase) << line;
  }
}

// An item that is no JSON is told that, whatever else it lacks; one that is JSON is told what it lacks.
TEST(Json, AnItemThatIsNoJsonIsInvalidJson) {
  for (const char* item : {"{bad}", "{bad", "{", R"({"type":"sale",})", R"({"type":"purchase" "x":1})",
                           R"({"type":5,"a":tru})", R"({"event_id":"e" 1})", R"({"a":[1,]})"}) {
    Decoded line = decode_ndjson(std::string(item) + "\n");
    ASSERT_EQ(line.batch.rejections.size(), 1u) << item;
    EXPECT_EQ(line.problem().code, "invalid_json") << item;
    EXPECT_EQ(line.problem().pointer, "") << item;
    if (!std::string_view(item).ends_with('}')) continue;
    EXPECT_EQ(decode_json("[" + kPurchase + "," + item + "]").problem().code, "invalid_json") << item;
    EXPECT_EQ(decode_json(item, Format::cloudevents).problem().code, "invalid_json") << item;
  }
  EXPECT_EQ(decode_ndjson("{}\n").problem().code, "missing_field");
  EXPECT_EQ(decode_ndjson("{\"a\":[1]}\n").problem().code, "missing_field");
}

TEST(Json, TooManyItemsAreFoundEarly) {
  Limits limits;
  limits.events_per_request = 2;
  // What stands behind the first item too many is not looked at.
  EXPECT_EQ(decode_json("[0,0,0,}", Format::json, limits).body_problem->code, "too_many_events");
  EXPECT_EQ(decode_json("[0,0,}", Format::json, limits).body_problem->code, "invalid_json");
}

TEST(Ndjson, TwoLinesThatMakeOneEventAreTwoBrokenLines) {
  size_t comma = kPurchase.find(",\"order_id\"");
  Decoded decoded =
      decode_ndjson(kPurchase.substr(0, comma) + ",\n" + kPurchase.substr(comma + 1) + "\n" + kPurchase);
  EXPECT_EQ(decoded.batch.rejections.size(), 2u);
  EXPECT_EQ(decoded.batch.indexes, std::vector<uint32_t>{2});
  EXPECT_EQ(decoded.batch.lines.size(), 1u);
}

TEST(Ndjson, BodiesOfManyScansReadLikeSingleLines) {
  std::string body;
  for (int i = 0; i < 3000; ++i) {
    body += i % 701 == 700 ? "{\"broken\n" : with(kPurchase, "e-1", "event-" + std::to_string(i)) + "\n";
  }
  Decoded decoded = decode_ndjson(body);
  EXPECT_EQ(decoded.batch.rejections.size(), 4u);
  ASSERT_EQ(decoded.batch.events.size(), 2996u);
  for (size_t i = 0; i < decoded.batch.events.size(); ++i) {
    EXPECT_EQ(decoded.event(i).event_id, "event-" + std::to_string(decoded.batch.indexes[i]));
    EXPECT_EQ(decoded.batch.lines_of(decoded.event(i))[0].sku, "85123A");
  }
}

}  // namespace
}  // namespace lode::event
