#include "event/flatbuffers.h"

#include <random>

#include "decoding.h"
#include "event/flatbuffers_json.h"
#include "schema/event_generated.h"

namespace lode::event {
namespace {

using Attributes = std::vector<std::pair<std::string_view, std::string_view>>;

// The FlatBuffers form of an event that came as JSON.
std::string as_flatbuffers(const Decoded& decoded, FlatbuffersExtra extra = {}) {
  return encode_flatbuffers(decoded.event(), decoded.batch.lines_of(decoded.event()), extra);
}

Decoded decode_buffer(const std::string& bytes, const std::string& contact = {}, Limits limits = {}) {
  Decoded out;
  out.batch.bodies.push_back(std::make_shared<const std::string>(bytes));
  out.batch.bodies.push_back(std::make_shared<const std::string>(contact));
  decode_flatbuffers(*out.batch.bodies[0], *out.batch.bodies[1], 0, limits, out.batch);
  return out;
}

TEST(Flatbuffers, HaveTheSameContentAsJson) {
  const Attributes attributes{{"coupon", "XMAS"}};
  Decoded json = decode_json(kPurchase);
  Decoded decoded = decode_buffer(as_flatbuffers(json, {attributes, ""}));
  ASSERT_EQ(decoded.batch.events.size(), 1u) << decoded.problem().detail;
  const Event& event = decoded.event();
  EXPECT_EQ(event.content_hash, json.event().content_hash);
  EXPECT_EQ(event.format, Format::flatbuffers);
  EXPECT_EQ(event.event_id, "e-1");
  EXPECT_EQ(event.source, "web");
  EXPECT_EQ(event.customer.country, "United Kingdom");
  EXPECT_EQ(decoded.batch.lines_of(event)[0].unit_price.micros, 2'550'000);
  expect_replay(event);
}

TEST(Flatbuffers, OfEveryTypeHaveTheSameContentAsJson) {
  for (
      const char* rest :
      {R"("type":"refund","order_id":"1","lines":[{"sku":"A","quantity":2},{"sku":"B","quantity":1,"unit_price":1}])",
       R"("type":"cancellation","order_id":"1","customer":{"id":"é"},"country":"FR")",
       R"("type":"customer","customer_id":"7","customer_type":"vip","country":"FR","source":"crm")",
       R"("type":"product","sku":"S","description":"D","category":"C")"}) {
    std::string text = std::string(R"({"event_id":"e","occurred_at":"2011-01-01T00:00:00.5Z",)") + rest + "}";
    Decoded json = decode_json(text);
    ASSERT_EQ(json.batch.events.size(), 1u) << text;
    Decoded decoded = decode_buffer(as_flatbuffers(json));
    ASSERT_EQ(decoded.batch.events.size(), 1u) << text << decoded.problem().detail;
    EXPECT_EQ(decoded.event().content_hash, json.event().content_hash) << text;
    expect_replay(decoded.event());
  }
}

TEST(Flatbuffers, ExtraMembersCountAsJsonsOwn) {
  const Attributes attributes{{"coupon", "XMAS"}};
  Decoded json =
      decode_json(with(kPurchase, R"("attributes")", R"("basket":{"n":[1,"x"]},"note":null,"attributes")"));
  std::string extra = R"( { "note" : null, "basket": {"n":[1.0,"x"]} } )";
  EXPECT_EQ(decode_buffer(as_flatbuffers(json, {attributes, extra})).event().content_hash,
            json.event().content_hash);
  for (const char* bad :
       {"[]", "{", "x", "{\"a\":}", "{} 1", R"({"currency":"EUR"})", R"({"email":"a@b"})"}) {
    EXPECT_EQ(decode_buffer(as_flatbuffers(json, {{}, bad})).batch.rejections.size(), 1u) << bad;
  }
}

TEST(Flatbuffers, ContactCountsAsJsons) {
  std::string contact = encode_contact({.email = "a@b", .name = "N", .phone = {}, .address = {}});
  Decoded json = decode_json(with(kPurchase, R"("id":"17850")", R"("id":"17850","email":"a@b","name":"N")"));
  const Attributes attributes{{"coupon", "XMAS"}};
  Decoded decoded = decode_buffer(as_flatbuffers(json, {attributes, ""}), contact);
  ASSERT_EQ(decoded.batch.events.size(), 1u);
  EXPECT_EQ(decoded.event().content_hash, json.event().content_hash);
  EXPECT_EQ(decoded.event().contact, contact);
  expect_replay(decoded.event());
  EXPECT_EQ(decode_buffer(as_flatbuffers(json), "nonsense").problem().code, "invalid_flatbuffer");
}

TEST(Flatbuffers, PassTheChecksOfJson) {
  auto code = [](auto change) {
    Decoded json = decode_json(kPurchase);
    change(json.batch.events[0], json.batch.lines[0]);
    Decoded decoded = decode_buffer(as_flatbuffers(json));
    return decoded.batch.rejections.empty() ? "" : decoded.problem().code + decoded.problem().pointer;
  };
  EXPECT_EQ(code([](Event&, Line&) {}), "");
  EXPECT_EQ(code([](Event& event, Line&) { event.event_id = {}; }), "missing_field/event_id");
  EXPECT_EQ(code([](Event& event, Line&) { event.occurred_at = {}; }), "missing_field/occurred_at");
  EXPECT_EQ(code([](Event& event, Line&) { event.currency = {}; }), "missing_field/currency");
  EXPECT_EQ(code([](Event& event, Line&) { event.line_count = 0; }), "missing_field/lines");
  EXPECT_EQ(code([](Event& event, Line&) { event.type = static_cast<EventType>(9); }), "unknown_type/type");
  EXPECT_EQ(code([](Event& event, Line&) { event.channel = "\xff"; }), "invalid_value/channel");
  EXPECT_EQ(code([](Event&, Line& line) { line.sku = {}; }), "missing_field/lines/0/sku");
  EXPECT_EQ(code([](Event&, Line& line) { line.sku = " \t"; }), "invalid_value/lines/0/sku");
  EXPECT_EQ(code([](Event& event, Line&) { event.order_id = "\xc2\xa0"; }), "invalid_value/order_id");
  EXPECT_EQ(code([](Event&, Line& line) { line.has_unit_price = false; }),
            "missing_field/lines/0/unit_price");
  EXPECT_EQ(code([](Event&, Line& line) { line.discount.micros = -1; }), "invalid_value/lines/0/discount");
  EXPECT_EQ(code([](Event&, Line& line) { line.unit_price.micros = INT64_MAX; }),
            "out_of_range/lines/0/unit_price");
  EXPECT_EQ(code([](Event&, Line& line) { line.quantity = INT32_MIN; }), "out_of_range/lines/0/quantity");
}

TEST(Flatbuffers, MayLieAtAnyAddress) {
  std::string bytes = as_flatbuffers(decode_json(kPurchase));
  for (size_t shift = 0; shift < 8; ++shift) {
    std::string shifted = std::string(shift, 'x') + bytes;
    EventBatch batch;
    EXPECT_TRUE(decode_flatbuffers(std::string_view(shifted).substr(shift), {}, 0, {}, batch));
    EXPECT_EQ(batch.events[0].payload.data(), shifted.data() + shift);
    EXPECT_EQ(event_json_of_flatbuffers(std::string_view(shifted).substr(shift)),
              event_json_of_flatbuffers(bytes));
  }
}

TEST(Flatbuffers, AreShownAsJsonOfTheSameContent) {
  Decoded json = decode_json(with(kPurchase, "HEART", R"(\"HEART\" \u0001 \\ é)"));
  const Attributes attributes{{"coupon", "XMAS"}};
  std::string shown = event_json_of_flatbuffers(as_flatbuffers(json, {attributes, ""}));
  EXPECT_EQ(hash_of(shown), json.event().content_hash) << shown;
  EXPECT_EQ(event_json_of_flatbuffers(""), "null");
  EXPECT_EQ(contact_json_of_flatbuffers("nonsense"), "null");
}

TEST(Flatbuffers, DamagedBuffersAreRefusedOrReadAsSomethingElse) {
  const std::string bytes = as_flatbuffers(decode_json(kPurchase));
  for (size_t size = 0; size < bytes.size(); ++size) decode_buffer(bytes.substr(0, size));
  EXPECT_EQ(decode_buffer("").problem().code, "invalid_flatbuffer");
  constexpr uint32_t kSeed = 20101201;
  std::mt19937 random(kSeed);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = bytes;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    Decoded decoded = decode_buffer(damaged);
    EXPECT_EQ(decoded.batch.item_count, 1u) << "seed " << kSeed;
  }
}

}  // namespace
}  // namespace lode::event
