// Single-line purchases of about 300 bytes for load: event n is a pure function of the seed and n, and is
// written by patching a prepared text, in well under 100 ns. Every event has the same size. Clean on purpose:
// what is measured is the road of a good purchase.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "event/time.h"

namespace lode::generate {

struct StreamSettings {
  uint64_t seed = 1;  // order ids carry it: other seeds make other orders
  uint32_t customers = 160'000;
  uint32_t skus = 4'000;
  bool uuid = true;          // random UUIDs, else ascending ids
  event::Day start{19'723};  // 2024-01-01
  uint32_t days = 365;       // then from the start again
  uint64_t orders_per_day = 50'000;
};

// What event n is booked under.
struct PurchaseKeys {
  std::string day, country, currency, sku, customer_id, order_id;
};

// Not thread-safe; a copy for each thread.
class PurchaseStream {
 public:
  explicit PurchaseStream(StreamSettings settings);
  ~PurchaseStream();

  // The event as one JSON object; valid until the next call.
  std::string_view json(uint64_t number);
  // The same event as an `Event` buffer of schema/event.fbs; valid until the next call.
  std::string_view flatbuffer(uint64_t number);
  PurchaseKeys keys(uint64_t number);

 private:
  struct Fields;
  struct Json;
  struct FlatBuffer;
  void make(uint64_t number);
  StreamSettings settings_;
  std::unique_ptr<Fields> fields_;
  std::unique_ptr<Json> json_;
  std::unique_ptr<FlatBuffer> flatbuffer_;
};

}  // namespace lode::generate
