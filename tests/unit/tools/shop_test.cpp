// The synthetic shop: same seed, same bytes; everything it says is an event that Lode takes.
#include "generate/shop.h"

#include <gtest/gtest.h>

#include <set>

#include "event/json.h"

namespace lode::generate {
namespace {

std::string events(const ShopSettings& settings, ShopCounts* counts = nullptr) {
  Shop shop(settings);
  std::string out, line;
  while (shop.next(line)) out += line + "\n";
  if (counts) *counts = shop.counts();
  return out;
}

TEST(Shop, SameSeedSameBytes) {
  ShopSettings settings;
  settings.orders = 300;
  settings.skus = 40;
  std::string once = events(settings);
  EXPECT_EQ(once, events(settings));
  settings.seed = 2;
  EXPECT_NE(once, events(settings));
}

TEST(Shop, EveryEventDecodes) {
  for (bool uuid : {false, true}) {
    ShopSettings settings;
    settings.orders = 3000;
    settings.skus = 60;
    settings.uuid = uuid;
    ShopCounts counts;
    auto body = std::make_shared<const std::string>(events(settings, &counts));
    event::Limits limits;
    limits.events_per_request = 100'000;
    event::JsonDecoder decoder(limits);
    event::EventBatch batch;
    ASSERT_FALSE(decoder.decode_ndjson(body, batch));
    for (const auto& rejection : batch.rejections) {
      ADD_FAILURE() << rejection.index << ' ' << rejection.problem.code << ' ' << rejection.problem.pointer;
    }
    EXPECT_EQ(batch.events.size(), counts.events);
    std::set<std::string> ids, types;
    size_t with_contact = 0;
    for (const event::Event& event : batch.events) {
      ids.insert(std::string(event.source) + "|" + std::string(event.event_id));
      types.insert(std::string(to_string(event.type)));
      with_contact += !event.contact.empty();
    }
    EXPECT_EQ(ids.size() + counts.duplicates, counts.events)
        << "only what is sent twice has the id of another";
    EXPECT_EQ(types.size(), 5u);
    EXPECT_GT(with_contact, 100u);
  }
}

TEST(Shop, TellsWhatRealFeedsHave) {
  ShopSettings settings;
  settings.orders = 20'000;
  ShopCounts counts;
  std::string text = events(settings, &counts);
  EXPECT_EQ(counts.purchases, 20'000u);
  EXPECT_GT(counts.refunds, 500u);
  EXPECT_GT(counts.cancellations, 200u);
  EXPECT_GT(counts.revisions, 300u);
  EXPECT_GT(counts.duplicates, 250u);
  EXPECT_EQ(counts.events, counts.products + counts.customers + counts.purchases + counts.revisions +
                               counts.refunds + counts.cancellations + counts.duplicates);
  for (const char* part :
       {"\"country\":\"EIRE\"", "\"currency\":\"ZZZ\"", "\"unit_price\":\"-1.00\"", "\"quantity\":0",
        "+01:00", "-05:00", "\"currency\":\"USD\"", "\"currency\":\"SEK\"", "@example.com"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
}

TEST(Shop, SingleLineOrdersHaveOneLine) {
  ShopSettings settings;
  settings.orders = 500;
  settings.single_line = true;
  auto body = std::make_shared<const std::string>(events(settings));
  event::JsonDecoder decoder;
  event::EventBatch batch;
  ASSERT_FALSE(decoder.decode_ndjson(body, batch));
  for (const event::Event& event : batch.events) {
    if (event.type == event::EventType::purchase) {
      EXPECT_EQ(event.line_count, 1u);
    }
  }
}

}  // namespace
}  // namespace lode::generate
