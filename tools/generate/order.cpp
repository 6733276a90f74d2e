#include "generate/order.h"

#include <array>

#include "generate/random.h"

namespace lode::generate {
namespace {

constexpr std::array<std::string_view, 4> kChannels = {"web", "web", "app", "store"};

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

int64_t local_price(int64_t cents, const Country& country) { return cents * country.price_percent / 100; }

OrderLine make_line(uint64_t seed, Random& random, const Country& country, uint32_t skus, bool wholesale) {
  // The smaller of two draws: some products sell far more than others.
  uint32_t a = random.below(skus), b = random.below(skus);
  Product item = product(seed, a < b ? a : b);
  OrderLine line;
  line.sku = item.sku;
  line.description = item.description;
  line.category = item.category;
  line.quantity = wholesale ? random.between(6, 144) : random.between(1, 6);
  line.price_cents = local_price(item.price_cents, country);
  if (random.one_in(10)) line.discount_cents = line.price_cents * line.quantity / 10;

  if (random.one_in(25)) line.sku = lower(line.sku);
  if (random.one_in(60)) line.sku += ' ';
  if (random.one_in(30)) {
    line.description.clear();
  } else if (random.one_in(40)) {
    line.description.insert(line.description.find(' '), "  ");
  }
  if (random.one_in(60)) {
    line.price_cents = line.discount_cents = 0;
  } else if (random.one_in(80)) {
    line.quantity = -line.quantity;
    line.discount_cents = 0;
  }
  return line;
}

std::string typed_country(Random& random, const Country& country) {
  uint32_t way = random.below(500);
  if (way == 0) return "Atlantis";
  if (way < 10) return {};
  if (way < 60) return std::string(country.alias);
  if (way < 160) return std::string(country.code);
  return std::string(country.name);
}

void spoil(Random& random, Order& order) {
  if (random.one_in(2000)) order.lines.back().price_cents = -100;
  if (random.one_in(2000)) order.currency = "ZZZ";
  if (random.one_in(2000)) order.lines.back().quantity = 0;
  if (random.one_in(5000)) order.time.value -= int64_t{50} * 365 * 86'400 * 1'000'000;
}

}  // namespace

Order make_order(uint64_t seed, uint64_t number, event::Micros time, const Range& range) {
  Random random(seed ^ 0x6f726465, number);
  Order order;
  order.id = std::to_string(500'000 + number);
  order.time = time;
  order.channel = kChannels[random.below(kChannels.size())];
  const Country* country = &country_at(random.below(100));
  if (!random.one_in(12)) {
    uint32_t a = random.below(range.customers), b = random.below(range.customers);
    order.buyer = buyer(seed, a < b ? a : b);
    country = order.buyer->country;
  }
  order.currency = country->currency;
  order.utc_minutes = country->utc_minutes;
  order.country = typed_country(random, *country);
  order.coupon = random.one_in(8);
  order.session = random.one_in(10);
  bool wholesale = order.buyer && order.buyer->wholesale;
  int count = range.single_line ? 1 : random.between(1, wholesale ? 12 : 5);
  for (int i = 0; i < count; i++) {
    order.lines.push_back(make_line(seed, random, *country, range.skus, wholesale));
  }
  if (!range.single_line && random.one_in(100)) order.lines.push_back(order.lines.front());
  if (!range.single_line && random.one_in(20)) {
    order.lines.push_back({"POST", "POSTAGE", "fees", 1, local_price(495, *country), 0});
  }
  spoil(random, order);
  return order;
}

}  // namespace lode::generate
