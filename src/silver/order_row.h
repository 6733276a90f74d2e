// The bytes of an order's row: a head, then the lines of the purchase that counts. The head is small and says
// what an order refuses without a look at anything else; the lines can be long and change with a revision
// alone, so that a row of an amended order is a head whose lines lie elsewhere.
//
// A description that was taken from a product is in the row once, however many of its lines have it: a row is
// not much longer than what was sent. unpack_… and read_head throw store::Damaged. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "silver/order.h"

namespace lode::silver {

inline constexpr uint64_t kOrderRowFormat = 2;  // raised when rows get other bytes

struct OrderHead {
  size_t bytes = 0;  // of the whole head
  OrderStatus status = OrderStatus::waiting;
  uint64_t records = 0;
  uint64_t further_lines = 0;               // of all records but the purchase that counts
  std::optional<uint64_t> purchase;         // offset of the one that counts
  int64_t revision = 0;                     // its
  std::optional<uint64_t> lines_elsewhere;  // bytes of its lines; nothing: they follow the head
};

// A whole row.
void pack(const OrderState& state, std::string& out);
// A head alone, and the lines alone.
void pack_head(const OrderState& state, uint64_t lines_bytes, std::string& out);
void pack_lines(const OrderState& state, std::string& out);

OrderHead read_head(uint64_t row, std::string_view bytes);
// Of a head with its lines behind it.
OrderState unpack_order(uint64_t row, std::string_view bytes);

}  // namespace lode::silver
