#include "generate/shop.h"

#include <cstdio>
#include <deque>
#include <map>

#include "generate/order.h"
#include "generate/random.h"

namespace lode::generate {
namespace {

constexpr int64_t kSecond = 1'000'000, kDay = 86'400 * kSecond;

// Orders come by day: from 6 to 22 o'clock, more in the evening.
event::Micros time_of(const ShopSettings& settings, uint64_t number) {
  uint64_t per_day = (settings.orders + settings.days - 1) / settings.days;
  int64_t day = settings.start.value + static_cast<int64_t>(number / per_day);
  int64_t share = static_cast<int64_t>((number % per_day) * 10'000 / per_day);
  int64_t second = 6 * 3600 + share * 16 * 3600 / 10'000;
  return {day * kDay + second * kSecond};
}

}  // namespace

struct Shop::Impl {
  explicit Impl(ShopSettings given) : settings(given), random(given.seed ^ 0x73686f70) {
    if (settings.customers == 0) settings.customers = static_cast<uint32_t>(settings.orders / 4) + 1;
    if (settings.days == 0) settings.days = 1;
    if (settings.skus == 0) settings.skus = 1;
    range = {settings.customers, settings.skus, settings.single_line};
  }

  std::string event_id() {
    uint64_t number = next_event++;
    if (!settings.uuid) return "s" + std::to_string(settings.seed) + "-" + std::to_string(number);
    uint64_t high = mix(settings.seed ^ mix(number)), low = mix(high ^ number);
    char text[40];
    std::snprintf(text, sizeof text, "%08x-%04x-4%03x-%04x-%012llx", static_cast<unsigned>(high >> 32),
                  static_cast<unsigned>(high >> 16 & 0xffff), static_cast<unsigned>(high & 0xfff),
                  static_cast<unsigned>(0x8000 | (low >> 48 & 0x3fff)),
                  static_cast<unsigned long long>(low & 0xffffffffffffull));
    return text;
  }

  // What follows order `number`, so many orders later.
  void later(uint64_t number, uint32_t at_most, std::string json) {
    waiting.emplace(number + 1 + random.below(at_most), std::move(json));
  }

  void sell(uint64_t number) {
    Order order = make_order(settings.seed, number, time_of(settings, number), range);
    std::string purchase = purchase_json(order, event_id());
    counts.purchases++;
    if (random.one_in(25)) {
      event::Micros time{order.time.value + int64_t{random.between(1, 12)} * kDay};
      counts.refunds++;
      std::string refund = refund_json(order, event_id(), time, random.one_in(4));
      if (random.one_in(10)) {
        ready.push_back(std::move(refund));  // it overtakes its order
      } else {
        later(number, 400, std::move(refund));
      }
    }
    if (random.one_in(40)) {
      Order revised = order;
      revised.revision = 1;
      revised.lines.front().quantity += 1;
      counts.revisions++;
      later(number, 60, purchase_json(revised, event_id()));
    }
    if (random.one_in(60)) {
      counts.cancellations++;
      event::Micros time{order.time.value + int64_t{random.between(1, 48)} * 3600 * kSecond};
      later(number, 200, cancellation_json(order, event_id(), time));
    }
    if (random.one_in(50)) {
      counts.duplicates++;
      later(number, 50, purchase);
    }
    ready.push_back(std::move(purchase));
  }

  void upsert_buyer(uint32_t number) {
    counts.customers++;
    event::Micros time{settings.start.value * kDay - kDay / 2};
    ready.push_back(customer_json(buyer(settings.seed, number), event_id(), time));
  }

  void fill() {
    if (next_product < settings.skus) {
      counts.products++;
      event::Micros time{settings.start.value * kDay - kDay};
      ready.push_back(product_json(product(settings.seed, next_product++), event_id(), time));
    } else if (next_buyer < settings.customers) {
      // Two in three are known to the CRM before they buy.
      if (next_buyer % 3 != 2) upsert_buyer(next_buyer);
      next_buyer++;
    } else if (!waiting.empty() && (next_order >= settings.orders || waiting.begin()->first <= next_order)) {
      ready.push_back(std::move(waiting.begin()->second));
      waiting.erase(waiting.begin());
    } else if (next_order < settings.orders) {
      sell(next_order++);
    } else {
      closed = true;
    }
  }

  ShopSettings settings;
  Random random;
  Range range;
  ShopCounts counts;
  uint32_t next_product = 0, next_buyer = 0;
  uint64_t next_order = 0, next_event = 0;
  bool closed = false;
  std::deque<std::string> ready;
  std::multimap<uint64_t, std::string> waiting;  // by the order that they come before
};

Shop::Shop(ShopSettings settings) : impl_(std::make_unique<Impl>(settings)) {}
Shop::~Shop() = default;

bool Shop::next(std::string& json) {
  while (impl_->ready.empty() && !impl_->closed) impl_->fill();
  if (impl_->ready.empty()) return false;
  json = std::move(impl_->ready.front());
  impl_->ready.pop_front();
  impl_->counts.events++;
  return true;
}

const ShopCounts& Shop::counts() const { return impl_->counts; }

}  // namespace lode::generate
