// A synthetic shop: the events of a made-up shop that sells in 15 countries, in the order in which they would
// be sent. Same settings, same bytes. With what real feeds have: returning customers, refunds, cancellations,
// revised orders, events sent twice, untidy spelling, a few bad values, refunds that overtake their order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "event/time.h"

namespace lode::generate {

struct ShopSettings {
  uint64_t seed = 1;
  uint64_t orders = 10'000;
  event::Day start{19'723};  // 2024-01-01
  uint32_t days = 90;
  uint32_t customers = 0;  // 0: one to four orders
  uint32_t skus = 500;
  bool single_line = false;  // one line an order
  bool uuid = false;         // event ids are UUIDs, else short and readable
};

struct ShopCounts {
  uint64_t events = 0;  // all of the below
  uint64_t products = 0, customers = 0, purchases = 0, revisions = 0, refunds = 0, cancellations = 0,
           duplicates = 0;
};

// Not thread-safe.
class Shop {
 public:
  explicit Shop(ShopSettings settings);
  ~Shop();

  // The next event as one line of JSON without its end. False: the shop is closed.
  bool next(std::string& json);
  const ShopCounts& counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::generate
