// The members of an event that Lode knows, and which of them mean something in which type of event. Any other
// member is kept as it is.
#pragma once

#include <cstdint>
#include <string_view>

#include "event/event.h"

namespace lode::event {

enum class Field : uint8_t {
  event_id,
  type,
  occurred_at,
  source,
  order_id,
  currency,
  channel,
  revision,
  country,
  lines,
  customer,
  customer_id,
  customer_type,
  sku,
  description,
  category,
  product,
  email,
  name,
  phone,
  address,
  unknown,
};

constexpr uint32_t bit(Field field) { return 1u << static_cast<uint32_t>(field); }

constexpr uint32_t kContactFields =
    bit(Field::email) | bit(Field::name) | bit(Field::phone) | bit(Field::address);

// What is known at an event's top level, contact members included.
constexpr uint32_t fields_of(EventType type) {
  constexpr uint32_t every =
      bit(Field::event_id) | bit(Field::type) | bit(Field::occurred_at) | bit(Field::source);
  constexpr uint32_t order = every | kContactFields | bit(Field::order_id) | bit(Field::currency) |
                             bit(Field::channel) | bit(Field::revision) | bit(Field::country) |
                             bit(Field::customer);
  switch (type) {
    case EventType::purchase:
    case EventType::refund:
      return order | bit(Field::lines);
    case EventType::cancellation:
      return order;
    case EventType::customer:
      return every | kContactFields | bit(Field::customer_id) | bit(Field::customer_type) |
             bit(Field::country) | bit(Field::customer);
    case EventType::product:
      return every | bit(Field::sku) | bit(Field::description) | bit(Field::category) | bit(Field::product) |
             bit(Field::customer);
  }
  return every;
}

inline Field field_of(std::string_view name) {
  auto either = [&](std::string_view known, Field field) { return name == known ? field : Field::unknown; };
  switch (name.size()) {
    case 3:
      return either("sku", Field::sku);
    case 4:
      return name == "type" ? Field::type : either("name", Field::name);
    case 5:
      return name == "lines" ? Field::lines : name == "email" ? Field::email : either("phone", Field::phone);
    case 6:
      return either("source", Field::source);
    case 7:
      return name == "channel"   ? Field::channel
             : name == "country" ? Field::country
             : name == "address" ? Field::address
                                 : either("product", Field::product);
    case 8:
      return name == "event_id"   ? Field::event_id
             : name == "order_id" ? Field::order_id
             : name == "currency" ? Field::currency
             : name == "customer" ? Field::customer
             : name == "category" ? Field::category
                                  : either("revision", Field::revision);
    case 11:
      return name == "occurred_at"   ? Field::occurred_at
             : name == "customer_id" ? Field::customer_id
                                     : either("description", Field::description);
    case 13:
      return either("customer_type", Field::customer_type);
    default:
      return Field::unknown;
  }
}

}  // namespace lode::event
