// The load generator's purchases: valid, of one size, unique, and the same in both formats.
#include "generate/purchase_stream.h"

#include <gtest/gtest.h>

#include <set>

#include "event/flatbuffers.h"
#include "event/json.h"

namespace lode::generate {
namespace {

TEST(PurchaseStream, EventsAreValidAndUnique) {
  for (bool uuid : {true, false}) {
    StreamSettings settings;
    settings.uuid = uuid;
    settings.orders_per_day = 1000;
    settings.skus = 200;
    PurchaseStream stream(settings);
    auto body = std::make_shared<std::string>();
    size_t size = stream.json(0).size();
    EXPECT_GT(size, 260u);
    EXPECT_LT(size, 340u);
    for (uint64_t i = 0; i < 5000; i++) {
      ASSERT_EQ(stream.json(i).size(), size);
      body->append(stream.json(i)).append("\n");
    }
    event::JsonDecoder decoder;
    event::EventBatch batch;
    ASSERT_FALSE(decoder.decode_ndjson(body, batch));
    ASSERT_EQ(batch.events.size(), 5000u);
    std::set<std::string_view> ids, orders;
    std::set<int64_t> days;
    for (const event::Event& event : batch.events) {
      ids.insert(event.event_id);
      orders.insert(event.order_id);
      days.insert(event.occurred_at.value / 86'400'000'000);
    }
    EXPECT_EQ(ids.size(), 5000u);
    EXPECT_EQ(orders.size(), 5000u);
    EXPECT_EQ(days.size(), 5u);
  }
}

TEST(PurchaseStream, AFunctionOfSeedAndNumber) {
  PurchaseStream one({.seed = 7}), other({.seed = 7}), third({.seed = 8});
  one.json(1);
  EXPECT_EQ(one.json(123'456), other.json(123'456));
  EXPECT_NE(one.json(5), third.json(5));
}

TEST(PurchaseStream, BothFormatsSayTheSame) {
  PurchaseStream stream({.seed = 3});
  for (uint64_t i = 0; i < 300; i++) {
    std::string json(stream.json(i)), binary(stream.flatbuffer(i));
    event::JsonDecoder decoder;
    event::EventBatch batch;
    ASSERT_TRUE(decoder.decode_one(json, {}, 0, batch));
    ASSERT_TRUE(event::decode_flatbuffers(binary, {}, 1, {}, batch));
    const event::Event &a = batch.events[0], &b = batch.events[1];
    ASSERT_EQ(a.content_hash, b.content_hash) << json;
    ASSERT_EQ(a.event_id, b.event_id);
  }
}

}  // namespace
}  // namespace lode::generate
