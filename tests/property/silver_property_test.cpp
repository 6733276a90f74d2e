// Silver against its twin: random streams in which everything that can happen to an order happens often, over
// the ends of epochs. Every fact booked and every row of quarantine must be the same after each event.
#include <gtest/gtest.h>

#include <random>

#include "property/silver_stream.h"
#include "property/silver_twin.h"
#include "silver/currency.h"
#include "unit/silver/shop.h"

namespace lode {
namespace {

using twin::json_of;
using twin::Stream;

silver::Settings settings() {
  silver::Settings settings;
  settings.fee_skus = {"post"};
  return settings;
}

std::string order_id(const silver::Shop& shop, uint64_t row) {
  std::string bytes;
  if (!shop.tables.get_order(row, bytes)) throw std::logic_error("a fact of an order that is not there");
  return std::string(silver::unpack_order(row, bytes).order_id);
}

std::multiset<twin::Fact> facts_of(const silver::Shop& shop) {
  static const char* const kinds[] = {"", "sale", "return", "free", "adjustment", "fee"};
  event::Day first;
  event::parse_day("2011-01-01", first);
  std::multiset<twin::Fact> facts;
  for (const silver::Fact& fact : shop.facts.facts()) {
    facts.insert({kinds[static_cast<size_t>(fact.kind)], silver::letters_of(fact.country),
                  silver::letters_of(fact.currency), shop.text(fact.sku), shop.text(fact.customer),
                  shop.text(fact.customer_type), fact.occurred_at.value / 86'400'000'000 - first.value,
                  order_id(shop, fact.order), fact.quantity, static_cast<int64_t>(fact.amount),
                  fact.discount});
  }
  return facts;
}

std::map<uint64_t, std::string> quarantine_of(const silver::Shop& shop) {
  std::map<uint64_t, std::string> rules;
  for (const auto& [offset, rule] : shop.quarantine()) rules[offset] = to_string(rule);
  return rules;
}

TEST(SilverProperty, EveryFactAndVerdictIsTheTwins) {
  std::random_device device;
  const char* chosen = std::getenv("LODE_SEED");
  uint32_t first = chosen ? static_cast<uint32_t>(std::strtoul(chosen, nullptr, 10)) : device() % 1'000'000;
  for (uint32_t seed = first; seed < first + 60; ++seed) {
    SCOPED_TRACE("LODE_SEED=" + std::to_string(seed));
    Stream stream(seed);
    silver::Shop shop(settings());
    twin::Silver twin;
    twin.fees = {"POST"};
    for (int i = 0; i < 120; ++i) {
      twin::Event event = stream.event();
      twin.apply(event);
      auto rule = shop.apply(json_of(event));
      if (stream.below(25) == 0) shop.end_epoch();
      auto expected = twin.quarantine();
      ASSERT_EQ(quarantine_of(shop), expected) << json_of(event);
      ASSERT_EQ(rule.has_value(), expected.contains(static_cast<uint64_t>(i)));
      ASSERT_EQ(facts_of(shop), twin.facts()) << json_of(event);
    }
  }
}

// The contract makes an order's outcome independent of arrival when nothing is refused for coming late: with
// one line a sku, refunds that fit the highest revision, and types that are sent.
TEST(SilverProperty, ArrivalOrderDoesNotShow) {
  std::random_device device;
  uint32_t seed = device() % 1'000'000;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Stream stream(seed);
  std::vector<twin::Event> events;
  for (int order = 0; order < 8; ++order) {
    for (int revision = 0; revision < 3; ++revision) {
      twin::Event event{"purchase", "p" + std::to_string(events.size()), "o" + std::to_string(order)};
      event.customer = "c" + std::to_string(stream.below(4));
      event.customer_type = "retail";
      event.country = "GB";
      event.day = 1 + stream.below(20);
      event.revision = revision;
      event.lines = {{"A", 5, 1 + stream.below(9'000'000), 0}, {"B", 3, 700'000, 100'000}};
      events.push_back(event);
    }
    for (int refund = 0; refund < 3; ++refund) {
      twin::Event event{"refund", "r" + std::to_string(events.size()), "o" + std::to_string(order)};
      event.day = 1 + refund;
      event.lines = {{"A", 1, std::nullopt, 0}, {"B", 1, std::nullopt, 0}};
      events.push_back(event);
    }
    if (order % 3 == 2)
      events.push_back({"cancellation", "x" + std::to_string(events.size()), "o" + std::to_string(order)});
  }
  std::multiset<twin::Fact> expected;
  for (int round = 0; round < 50; ++round) {
    silver::Shop shop;
    for (const twin::Event& event : events) {
      shop.apply(json_of(event));
      if (stream.below(40) == 0) shop.end_epoch();
    }
    if (round == 0) expected = facts_of(shop);
    ASSERT_EQ(expected.size(), 6u * 8);
    ASSERT_EQ(facts_of(shop), expected) << "round " << round;
    stream.shuffle(events);
  }
}

}  // namespace
}  // namespace lode
