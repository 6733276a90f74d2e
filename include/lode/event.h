// What a program tells an embedded engine: the events of a shop, typed. Plain values, without memory of their
// own beyond their strings; any thread, each object one thread at a time.
//
// All text is UTF-8. An empty text is a member that was not sent. The rules that the values are held to are
// those of the server: schema/README.md says them, member by member.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lode {

// A point in time: UTC, microseconds.
using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

// An amount: a whole count of millionths of the currency's unit. 2.55 GBP is Money{2'550'000}. Never a float.
struct Money {
  std::int64_t micros = 0;
};

// What names an event. `source` and `event_id` together are its identity, for ever: the same pair with the
// same content again is a duplicate and counts once; with other content it is rejected, `event_id_conflict`.
struct Identity {
  std::string event_id = {};  // 1 to 128 bytes, required
  std::string source = {};    // up to 128 bytes
};

// Contact data: kept in a part of the record of its own, and in no table or view.
struct Contact {
  std::string email = {}, name = {}, phone = {}, address = {};
};

// Who buys. Without an id: an anonymous customer.
struct Buyer {
  std::string id = {}, type = {}, country = {};
  Contact contact = {};
};

// A line of a purchase or a refund. `quantity` counts units; below 0 is a return (in a purchase).
struct Line {
  std::string sku = {};  // required
  std::int32_t quantity = 0;
  std::optional<Money> unit_price = {};  // required in a purchase; a refund without takes the order's price
  Money discount = {};                   // off the whole line, not negative; purchases only
  std::string description = {}, category = {};
};

// An order is bought. A higher `revision` replaces an earlier purchase of the same order.
struct Purchase {
  Identity identity = {};
  Time occurred_at = {};
  std::string order_id = {};  // required
  std::string currency = {};  // required: ISO 4217, capitals
  std::vector<Line> lines = {};
  Buyer customer = {};
  std::string country = {}, channel = {};
  std::int64_t revision = 0;
};

// Units of an order come back. It books on its own day.
struct Refund {
  Identity identity = {};
  Time occurred_at = {};
  std::string order_id = {};
  std::vector<Line> lines = {};
};

// An order is taken back whole, for ever.
struct Cancellation {
  Identity identity = {};
  Time occurred_at = {};
  std::string order_id = {};
};

// What a CRM says of a customer; of each field the newest `occurred_at` wins.
struct CustomerUpdate {
  Identity identity = {};
  Time occurred_at = {};
  std::string customer_id = {};  // required
  std::string type = {}, country = {};
  Contact contact = {};
};

// What an inventory says of a product; likewise.
struct ProductUpdate {
  Identity identity = {};
  Time occurred_at = {};
  std::string sku = {};  // required
  std::string description = {}, category = {};
};

using Event = std::variant<Purchase, Refund, Cancellation, CustomerUpdate, ProductUpdate>;

// The event as the JSON object that a client would post. Text that is not UTF-8 is passed on; appended, the
// event is rejected.
std::string to_json(const Event& event);

}  // namespace lode
