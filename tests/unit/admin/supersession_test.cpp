// Which fields an upsert sets, which upserts may go, and what is left of them.
#include "admin/supersession.h"

#include <gmock/gmock.h>

#include "admin/gap.h"
#include "admin/members.h"
#include "event/json.h"
#include "event/record_decoder.h"

namespace lode::admin {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

struct Decoded {
  event::EventBatch batch;
  record::RecordView record;
  const event::Event& event() const { return batch.events.front(); }
};

std::unique_ptr<Decoded> decoded(const std::string& json) {
  auto out = std::make_unique<Decoded>();
  event::JsonDecoder decoder;
  EXPECT_FALSE(decoder.decode_json(std::make_shared<const std::string>(json), out->batch));
  EXPECT_EQ(out->batch.events.size(), 1u) << json;
  const event::Event& event = out->event();
  out->record = {event.format, event.payload, event.contact, -1, {}};
  return out;
}

std::vector<std::string> members_of(const std::string& json) {
  const auto one = decoded(json);
  return MemberReader().read(one->record, one->event().type);
}

constexpr const char* kCustomer = R"({"event_id":"e","type":"customer","occurred_at":"2024-01-01T00:00:00Z")";
constexpr const char* kProduct = R"({"event_id":"e","type":"product","occurred_at":"2024-01-01T00:00:00Z")";

TEST(Members, AreTheSameInEachForm) {
  const std::string customer = kCustomer;
  EXPECT_THAT(
      members_of(customer + R"(,"customer_id":"C","customer_type":"t","country":"DE","email":"a@b"})"),
      UnorderedElementsAre("type", "country", "email"));
  EXPECT_THAT(members_of(customer + R"(,"customer":{"id":"C","type":"t","country":"DE","email":"a@b"}})"),
              UnorderedElementsAre("type", "country", "email"));
  const std::string product = kProduct;
  EXPECT_THAT(members_of(product + R"(,"sku":"A","description":"d","category":"c"})"),
              UnorderedElementsAre("description", "category"));
  EXPECT_THAT(members_of(product + R"(,"product":{"sku":"A","description":"d","category":"c"}})"),
              UnorderedElementsAre("description", "category"));
}

TEST(Members, WhatNobodyKnowsIsOneTooAndWhatSaysNothingIsNone) {
  EXPECT_THAT(
      members_of(
          std::string(kCustomer) +
          R"(,"source":"crm","customer_id":"C","country":" ","attributes":{"tier":3,"x":null,"y":{"z":true}},"tags":[1,2]})"),
      UnorderedElementsAre("attributes.tier", "attributes.y.z", "tags"));
}

class SupersessionTest : public testing::Test {
 protected:
  void upsert(const std::string& head, const char* day, const std::string& members) {
    std::string json = head + members + "}";
    json.replace(json.find("2024-01-01"), 10, day);
    const auto one = decoded(json);
    fold.add_upsert({next++}, one->event(), MemberReader().read(one->record, one->event().type));
  }
  void customer(const char* day, const std::string& members) {
    upsert(kCustomer, day, R"(,"customer_id":"C")" + members);
  }
  void product(const char* day, const std::string& members) { upsert(kProduct, day, members); }
  void purchase(const std::string& members) {
    const auto one = decoded(
        R"({"event_id":"e","type":"purchase","occurred_at":"2024-01-01T00:00:00Z","order_id":"o","currency":"EUR")" +
        members + "}");
    fold.add_purchase(one->event(), one->batch.lines);
    ++next;
  }
  std::vector<uint64_t> gone() {
    std::vector<uint64_t> out;
    for (const record::Offset offset : fold.superseded()) out.push_back(offset.value);
    return out;
  }

  Supersession fold;
  uint64_t next = 0;
};

TEST_F(SupersessionTest, EveryFieldHasToBeSetAgain) {
  customer("2024-01-01", R"(,"country":"DE","email":"a@b")");
  customer("2024-01-02", R"(,"country":"FR")");
  EXPECT_THAT(gone(), ElementsAre());
  customer("2024-01-03", R"(,"email":"c@d")");
  EXPECT_THAT(gone(), ElementsAre(0));
  customer("2024-01-03", R"(,"country":"IT")");
  EXPECT_THAT(gone(), ElementsAre(0, 1));
}

TEST_F(SupersessionTest, TheNewestCountsNotTheLast) {
  customer("2024-01-05", R"(,"country":"DE")");
  customer("2024-01-02", R"(,"country":"FR")");
  EXPECT_THAT(gone(), ElementsAre(1));
  customer("2024-01-05", R"(,"country":"IT")");
  EXPECT_THAT(gone(), ElementsAre(0, 1));
}

TEST_F(SupersessionTest, AnUnknownMemberHolds) {
  customer("2024-01-01", R"(,"country":"DE","tier":3)");
  customer("2024-01-02", R"(,"country":"FR")");
  EXPECT_THAT(gone(), ElementsAre());
  customer("2024-01-03", R"(,"tier":1,"country":"FR")");
  EXPECT_THAT(gone(), ElementsAre(0, 1));
}

TEST_F(SupersessionTest, WhatAnOrderTookStays) {
  constexpr const char* kLine = R"(,"lines":[{"sku":"A","quantity":1,"unit_price":"1")";
  customer("2024-01-01", R"(,"country":"DE","customer_type":"vip")");
  product("2024-01-01", R"(,"sku":"A","description":"one")");
  purchase(R"(,"customer":{"id":"C","type":"new","country":"GB"})" + std::string(kLine) +
           R"(,"description":"own"}])");
  customer("2024-01-02", R"(,"country":"FR","customer_type":"vip")");
  product("2024-01-02", R"(,"sku":"A","description":"two")");
  EXPECT_THAT(gone(), ElementsAre(0, 1)) << "the order brought its own";
  purchase(R"(,"customer":{"id":"C","type":"new"})" + std::string(kLine) + "}]");
  customer("2024-01-03", R"(,"country":"IT","customer_type":"vip")");
  product("2024-01-03", R"(,"sku":"A","description":"three")");
  EXPECT_THAT(gone(), ElementsAre(0, 1)) << "country and description were taken";
}

TEST_F(SupersessionTest, SkusThatCleaningMakesTheSameAreNotOneProduct) {
  product("2024-01-01", R"(,"sku":"a","description":"one")");
  product("2024-01-02", R"(,"sku":"A","description":"two")");
  EXPECT_THAT(gone(), ElementsAre());
  purchase(R"(,"lines":[{"sku":" A","quantity":1,"unit_price":"1"}])");
  product("2024-01-03", R"(,"sku":"a","description":"three")");
  product("2024-01-03", R"(,"sku":"A","description":"four")");
  EXPECT_THAT(gone(), ElementsAre()) << "of both spellings";
}

TEST(Gap, MakesAnEventWithEverythingThatRowsAreMadeOf) {
  const auto one = decoded(
      std::string(kCustomer) +
      R"(,"source":"c\"rm","customer":{"id":" C","type":"t ","country":" EIRE"},"phone":"1","tier":3})");
  const auto gap = gap_of_upsert(one->event(), {7, 8});
  event::RecordDecoder decoder;
  event::EventBatch batch;
  ASSERT_TRUE(decoder.decode(event::Format::json, gap->view.payload, gap->view.contact, 0, batch))
      << gap->payload;
  const event::Event &a = one->event(), &b = batch.events.front();
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.occurred_at, b.occurred_at);
  EXPECT_EQ(a.customer.id, b.customer.id);
  EXPECT_EQ(a.customer.type, b.customer.type);
  EXPECT_EQ(a.customer.country, b.customer.country);
  EXPECT_FALSE(b.contact.empty());
  EXPECT_EQ(b.event_id, "-");
  EXPECT_EQ(gap->view.gap, (record::GapKeys{7, 8, a.content_hash}));
}

}  // namespace
}  // namespace lode::admin
