// What a client says: one fact (`Event`), and the parsed form of everything one request or one record batch
// holds (`EventBatch`). Decoders (json.h, flatbuffers.h, csv.h, cloudevents.h) fill an EventBatch; silver
// reads it. Nothing here is cleaned: values are as sent, only typed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/arena.h"
#include "event/money.h"
#include "event/problem.h"
#include "event/time.h"

namespace lode::event {

enum class EventType : uint8_t { purchase = 1, refund = 2, cancellation = 3, customer = 4, product = 5 };
std::string_view to_string(EventType type);
bool parse_event_type(std::string_view text, EventType& out);  // false: none of the five

// How a payload's bytes are to be read.
// cloudevents: a structured-mode CloudEvents JSON object (binary mode is written as one at admission).
enum class Format : uint8_t { json = 1, flatbuffers = 2, cloudevents = 3 };

struct Line {
  std::string_view sku, description, category;
  int32_t quantity = 0;
  bool has_unit_price = false;  // only a refund's line may be without
  Money unit_price;
  Money discount;  // not negative
};

// The business part of a customer; contact fields are in Event::contact only.
struct Customer {
  std::string_view id, type, country;
};

struct Product {
  std::string_view sku, description, category;
};

// All views point into the body the batch keeps alive or into its arena. A field that was not sent, was null
// or was "" is an empty view.
struct Event {
  EventType type = EventType::purchase;
  Format format = Format::json;
  std::string_view source, event_id;  // together the idempotency key
  Micros occurred_at;
  std::string_view order_id, currency, channel;
  std::string_view country;  // the order's own `country` member, when sent; wins over the customer's
  int64_t revision = 0;
  Customer customer;                        // purchase: the buyer; customer: the upsert
  Product product;                          // product: the upsert
  uint32_t first_line = 0, line_count = 0;  // in EventBatch::lines
  uint64_t content_hash =
      0;  // content_hash.h; over payload and contact; the same for JSON and FlatBuffers forms
  std::string_view payload;  // as sent, without contact fields
  std::string_view contact;  // the contact fields in the same format and nesting; empty when there are none
  int64_t retry_of = -1;     // the quarantined offset that this record retries, else -1
};

struct Rejection {
  uint32_t index = 0;  // position of the item in the request, from 0; for a file its data row from 0
  Problem problem;
};

// Filled by one thread, then read by others after a hand-over; not thread-safe by itself. Movable.
struct EventBatch {
  std::vector<Event> events;      // the items that decoded
  std::vector<uint32_t> indexes;  // events[i] was item indexes[i] of the request
  std::vector<Line> lines;
  std::vector<Rejection> rejections;  // the items that did not, ascending by index
  uint32_t item_count = 0;            // events.size() + rejections.size()
  Arena arena;
  std::vector<std::shared_ptr<const std::string>> bodies;  // what events' views point into

  std::span<const Line> lines_of(const Event& event) const {
    return {lines.data() + event.first_line, event.line_count};
  }
  void clear();
};

// Limits of contract section 7; a breach rejects the one item (or the body, where it says so). They are
// admission's: what is in the log was within the limits of its day, and is read again with `unlimited()`.
struct Limits {
  static constexpr uint32_t kNestingCeiling = 1024;  // `nesting` may not be configured beyond (the stack)
  static constexpr Limits unlimited() { return {~0ull, ~0u, ~0u, ~0u, kNestingCeiling, ~0u, ~0u, true}; }

  uint64_t body_bytes = 64ull << 20;     // after decompression; whole body: 413
  uint32_t events_per_request = 10'000;  // whole body: 413
  uint32_t event_bytes = 1u << 20;       // `too_large`
  uint32_t lines_per_order = 10'000;     // `too_many_lines`
  uint32_t nesting = 32;                 // `too_deep`
  uint32_t id_bytes = 128;               // event_id, order_id, customer id, sku, source: `too_long`
  uint32_t text_bytes = 4'096;           // every other known text field: `too_long`
  bool blank_ids = false;                // a required id may be white space alone: records of old had them
};

}  // namespace lode::event
