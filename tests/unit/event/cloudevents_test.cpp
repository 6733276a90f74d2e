#include "event/cloudevents.h"

#include "decoding.h"

namespace lode::event {
namespace {

// An envelope around data.
std::string wrapped(
    const std::string& data,
    const std::string& attributes = R"("id":"ce-1","source":"/shop","type":"com.example.purchase")") {
  return R"({"specversion":"1.0",)" + attributes + R"(,"datacontenttype":"application/json","data":)" + data +
         "}";
}

std::string without(const std::string& text, const std::string& part) { return with(text, part, ""); }

TEST(CloudEvents, HaveTheContentOfTheirData) {
  Decoded decoded = decode_json(wrapped(kPurchase), Format::cloudevents);
  ASSERT_EQ(decoded.batch.events.size(), 1u);
  const Event& event = decoded.event();
  EXPECT_EQ(event.format, Format::cloudevents);
  EXPECT_EQ(event.event_id, "e-1");
  EXPECT_EQ(event.source, "web");
  EXPECT_EQ(event.content_hash, hash_of(kPurchase));
  EXPECT_EQ(event.payload, wrapped(kPurchase));
  expect_replay(event);
}

TEST(CloudEvents, TheEnvelopeStandsForWhatTheDataLacks) {
  std::string data = without(kPurchase, R"("event_id":"e-1",)");
  data = without(data, R"("type":"purchase",)");
  data = without(data, R"("occurred_at":"2010-12-01T08:26:00Z",)");
  data = without(data, R"("source":"web",)");
  std::string text = R"({"data":)" + data +
                     R"(,"time":"2010-12-01T09:26:00+01:00","subject":"x","type":"com.example.purchase",)" +
                     R"("source":"/shop","id":"ce-1","specversion":"1.0","traceparent":7})";
  Decoded decoded = decode_json(text, Format::cloudevents);
  ASSERT_EQ(decoded.batch.events.size(), 1u) << decoded.problem().detail;
  EXPECT_EQ(decoded.event().event_id, "ce-1");
  EXPECT_EQ(decoded.event().source, "/shop");
  EXPECT_EQ(decoded.event().content_hash, hash_of(kPurchase));
  expect_replay(decoded.event());
}

TEST(CloudEvents, ContactIsCutOutOfTheData) {
  std::string data = with(kPurchase, R"("id":"17850")", R"("id":"17850","email":"a@b")");
  Decoded decoded = decode_json(wrapped(data), Format::cloudevents);
  ASSERT_EQ(decoded.batch.events.size(), 1u);
  EXPECT_EQ(decoded.event().contact, R"({"data":{"customer":{"email":"a@b"}}})");
  EXPECT_EQ(decoded.event().payload, wrapped(kPurchase));
  EXPECT_EQ(decoded.event().content_hash, hash_of(data));
  expect_replay(decoded.event());
}

TEST(CloudEvents, ABatchIsReadItemByItem) {
  Decoded decoded = decode_json(
      "[" + wrapped(kPurchase) + ",5," + wrapped("{}") + "," + wrapped(kPurchase) + "]", Format::cloudevents);
  EXPECT_EQ(decoded.batch.indexes, (std::vector<uint32_t>{0, 3}));
  ASSERT_EQ(decoded.batch.rejections.size(), 2u);
  EXPECT_EQ(decoded.problem(0).code, "invalid_type");
  EXPECT_EQ(decoded.problem(1).code, "missing_field");
}

TEST(CloudEvents, SayWhatIsWrong) {
  auto problem = [](const std::string& text) {
    Decoded decoded = decode_json(text, Format::cloudevents);
    return decoded.batch.rejections.empty() ? "" : decoded.problem().code + " " + decoded.problem().pointer;
  };
  EXPECT_EQ(problem(with(wrapped(kPurchase), "1.0", "0.3")), "invalid_value /specversion");
  EXPECT_EQ(problem(R"({"data":{}})"), "missing_field /specversion");
  EXPECT_EQ(problem(R"({"specversion":"1.0","id":"1"})"), "missing_field /data");
  EXPECT_EQ(problem(R"({"specversion":"1.0","data_base64":"e30="})"), "invalid_value /data_base64");
  EXPECT_EQ(problem(with(wrapped(kPurchase), "application/json", "text/xml")),
            "invalid_value /datacontenttype");
  EXPECT_EQ(problem(with(wrapped(kPurchase), R"("id")", R"("id":"2","id")")), "duplicate_member /id");
  EXPECT_EQ(problem(wrapped(with(kPurchase, ":6", ":0.5"))), "invalid_value /data/lines/0/quantity");
  EXPECT_EQ(problem(wrapped("[]")), "invalid_type /data");
  EXPECT_EQ(problem(wrapped(without(kPurchase, R"("occurred_at":"2010-12-01T08:26:00Z",)"),
                            R"("time":"yesterday","type":"purchase")")),
            "invalid_time /time");
}

TEST(CloudEvents, BinaryModeIsWrittenAsStructured) {
  std::string data = without(kPurchase, R"("event_id":"e-1",)");
  const Header headers[] = {{"Content-Type", "application/json"},
                            {"CE-SpecVersion", "1.0"},
                            {"ce-id", "a%20%22b%C3%A9"},
                            {"ce-source", "/shop"},
                            {"ce-type", "purchase"}};
  EXPECT_TRUE(is_binary_cloudevent(headers));
  EXPECT_FALSE(is_binary_cloudevent(std::span(headers).first(1)));
  std::string text;
  ASSERT_FALSE(write_structured(headers, data, text));
  Decoded decoded = decode_json(text, Format::cloudevents);
  ASSERT_EQ(decoded.batch.events.size(), 1u) << text;
  EXPECT_EQ(decoded.event().event_id, "a \"bé");
  EXPECT_EQ(decoded.event().content_hash, hash_of(kPurchase));
  expect_replay(decoded.event());
  for (const char* bad : {"", "{", "{},\"x\":1", "{}{}", "\xff"}) {
    EXPECT_TRUE(write_structured(headers, bad, text)) << bad;
  }
}

}  // namespace
}  // namespace lode::event
