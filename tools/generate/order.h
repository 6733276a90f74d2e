// One order of the synthetic shop and the events that tell of it, as JSON. What is wrong or untidy about an
// order is decided when it is made, so that the same order can be told again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/time.h"
#include "generate/catalogue.h"

namespace lode::generate {

struct OrderLine {
  std::string sku, description;  // as typed: case and white space may be off, a description may be missing
  std::string_view category;
  int32_t quantity = 1;
  int64_t price_cents = 0;
  int64_t discount_cents = 0;
};

struct Order {
  std::string id;
  std::string currency;
  std::string_view channel;
  int64_t revision = 0;
  event::Micros time;   // UTC
  int utc_minutes = 0;  // the offset that its times are written with
  std::optional<Buyer> buyer;
  std::string country;  // as typed; may be empty
  bool coupon = false;
  bool session = false;  // carries a member that Lode doesn't know
  std::vector<OrderLine> lines;
};

struct Range {
  uint32_t customers, skus;
  bool single_line;
};
// The order numbered `number`, at `time`. Pure.
Order make_order(uint64_t seed, uint64_t number, event::Micros time, const Range& range);

// The event's JSON, without a line end.
std::string purchase_json(const Order& order, std::string_view event_id);
// Takes back one unit of the first line that was sold; without a price it is the order's.
std::string refund_json(const Order& order, std::string_view event_id, event::Micros time, bool with_price);
std::string cancellation_json(const Order& order, std::string_view event_id, event::Micros time);
std::string product_json(const Product& product, std::string_view event_id, event::Micros time);
std::string customer_json(const Buyer& buyer, std::string_view event_id, event::Micros time);

// "2024-01-05T14:03:22+01:00"
std::string local_time(event::Micros time, int utc_minutes);

}  // namespace lode::generate
