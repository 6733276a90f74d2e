// A fact: one booked line of an order, cleaned and typed, as gold aggregates it. An order's facts are a pure
// function of its records; when they change, gold lets go of the old ones (sign -1) and takes the new ones
// (sign +1).
#pragma once

#include <cstdint>
#include <span>

#include "event/money.h"
#include "event/time.h"

namespace lode::silver {

enum class Kind : uint8_t { sale = 1, return_ = 2, free = 3, adjustment = 4, fee = 5 };

// "GB" and "GBP" as numbers that order like their letters; 0 is none.
constexpr uint32_t code_of(const char* letters, int count) {
  uint32_t code = 0;
  for (int i = 0; i < count; ++i) code = code << 8 | static_cast<uint8_t>(letters[i]);
  return code;
}

struct Fact {
  Kind kind = Kind::sale;
  uint32_t country = 0;   // ISO 3166-1 alpha-2 by code_of; ZZ when unknown
  uint32_t currency = 0;  // ISO 4217 by code_of
  uint32_t sku = 0;       // dictionary numbers from here on
  uint32_t customer = 0;  // 0: anonymous
  uint32_t customer_type = 0;
  uint32_t channel = 0;
  uint32_t category = 0;
  uint32_t source = 0;
  event::Micros occurred_at;  // of the order, or of the refund that the line belongs to
  uint64_t order = 0;         // the order's row number
  int64_t quantity =
      0;  // units: positive on sale, free and return; as sent (negative) on adjustment; signed on fee
  event::Int128 amount =
      0;  // millionths; quantity x unit price: positive on sale and return, signed on fee, else 0.
          // On a refund's line what is given back (after its share of the discount).
  int64_t discount = 0;  // millionths; on sale lines only
  friend bool operator==(const Fact&, const Fact&) = default;
};

class FactSink {
 public:
  virtual ~FactSink() = default;
  // The facts of one whole order come (+1) or go (-1).
  virtual void book(std::span<const Fact> facts, int sign) = 0;
  // Of one order's facts `kept` stay, `gone` go and `come` come: as if all had gone and come again, at the
  // cost of what changed.
  virtual void change(std::span<const Fact> kept, std::span<const Fact> gone, std::span<const Fact> come) = 0;
};

}  // namespace lode::silver
