// The contact split: what leaves the payload, what stays byte for byte, and that both halves make the same
// event again.
#include "decoding.h"

namespace lode::event {
namespace {

struct Split {
  const char* text;
  const char* payload;
  const char* contact;
};

std::string event_of(const std::string& rest) {
  return R"({"event_id":"e","type":"customer","occurred_at":"2011-01-01T00:00:00Z","customer_id":"7")" +
         rest + "}";
}

class ContactSplitTest : public testing::TestWithParam<Split> {};

TEST_P(ContactSplitTest, CutsAndRepairs) {
  const Split& split = GetParam();
  Decoded decoded = decode_json(event_of(split.text));
  ASSERT_EQ(decoded.batch.events.size(), 1u) << decoded.problem().detail;
  EXPECT_EQ(decoded.event().payload, event_of(split.payload));
  EXPECT_EQ(decoded.event().contact, split.contact);
  expect_replay(decoded.event());
}

INSTANTIATE_TEST_SUITE_P(
    Contact, ContactSplitTest,
    testing::Values(Split{R"(,"x":1)", R"(,"x":1)", ""}, Split{R"(,"email":"a@b")", "", R"({"email":"a@b"})"},
                    Split{R"(,"email":"a@b","x":1)", R"(,"x":1)", R"({"email":"a@b"})"},
                    Split{R"( , "email" : "a@b" , "x" : 1 )", R"( , "x" : 1 )", R"({"email" : "a@b"})"},
                    Split{R"(,"x":1 , "email":"a@b" )", R"(,"x":1 )", R"({"email":"a@b"})"},
                    Split{R"(,"email":"a","x":1,"name":"n","phone":"p")", R"(,"x":1)",
                          R"({"email":"a","name":"n","phone":"p"})"},
                    Split{R"(,"email":"a","name":"n")", "", R"({"email":"a","name":"n"})"},
                    Split{R"(,"address":{"street":["1",{"a":2}]},"x":1)", R"(,"x":1)",
                          R"({"address":{"street":["1",{"a":2}]}})"},
                    Split{R"(,"em\u0061il":"a@b")", "", R"({"em\u0061il":"a@b"})"},
                    Split{R"(,"customer":{"email":"a@b"})", R"(,"customer":{})",
                          R"({"customer":{"email":"a@b"}})"},
                    Split{R"(,"customer":{"email":"a@b","id":"7"})", R"(,"customer":{"id":"7"})",
                          R"({"customer":{"email":"a@b"}})"},
                    Split{R"(,"phone":"1","customer":{"id":"7","email":"a","name":"b"},"email":"c")",
                          R"(,"customer":{"id":"7"})",
                          R"({"customer":{"email":"a","name":"b"},"phone":"1","email":"c"})"},
                    Split{R"(,"customer":{"x":{"email":"kept"}},"attributes":{"email":"kept"})",
                          R"(,"customer":{"x":{"email":"kept"}},"attributes":{"email":"kept"})", ""}));

TEST(Contact, IsPartOfTheContent) {
  std::string plain = event_of(""), one = event_of(R"(,"email":"a@b")"),
              other = event_of(R"(,"email":"a@c")");
  EXPECT_NE(hash_of(plain), hash_of(one));
  EXPECT_NE(hash_of(one), hash_of(other));
  EXPECT_EQ(hash_of(one), hash_of(event_of(R"(,"customer":{"email":"a\u0040b"})")));
  EXPECT_EQ(hash_of(plain), hash_of(event_of(R"(,"email":null,"phone":"")")));
}

TEST(Contact, IsCutOutOfEveryTypeButAProductsTopLevel) {
  for (const char* type : {"purchase", "refund", "cancellation"}) {
    std::string text =
        with(kPurchase, R"("type":"purchase")", std::string(R"("name":"N","type":")") + type + '"');
    Decoded decoded = decode_json(with(text, R"("id":"17850")", R"("id":"17850","email":"a@b")"));
    ASSERT_EQ(decoded.batch.events.size(), 1u) << type;
    EXPECT_EQ(decoded.event().contact, R"({"customer":{"email":"a@b"},"name":"N"})") << type;
    EXPECT_EQ(decoded.event().payload.find("a@b"), std::string::npos);
    expect_replay(decoded.event());
  }
  Decoded product = decode_json(
      R"({"event_id":"e","type":"product","occurred_at":"2011-01-01T00:00:00Z","sku":"S","name":"kept",)"
      R"("customer":{"id":5,"email":"a@b"}})");
  ASSERT_EQ(product.batch.events.size(), 1u);
  EXPECT_EQ(product.event().contact, R"({"customer":{"email":"a@b"}})");
  EXPECT_NE(product.event().payload.find("kept"), std::string::npos);
  expect_replay(product.event());
}

TEST(Contact, IsInNoProblem) {
  for (const char* rest : {R"(,"email":"secret@x" "y")", R"(,"email":{"secret@x":})",
                           R"(,"customer_id":"secret@x")", R"(,"email":"secret@x","email":"secret@x")"}) {
    Decoded decoded = decode_json(event_of(rest));
    ASSERT_EQ(decoded.batch.rejections.size(), 1u) << rest;
    EXPECT_EQ(decoded.problem().detail.find("secret"), std::string::npos) << rest;
    EXPECT_EQ(decoded.problem().pointer.find("secret"), std::string::npos) << rest;
  }
}

}  // namespace
}  // namespace lode::event
