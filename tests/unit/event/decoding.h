// Short ways to decode one text in a test.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "event/json.h"
#include "event/record_decoder.h"

namespace lode::event {

inline const std::string kPurchase =
    R"({"event_id":"e-1","type":"purchase","occurred_at":"2010-12-01T08:26:00Z","source":"web",)"
    R"("order_id":"536365","currency":"GBP","channel":"shop","revision":2,"customer":{"id":"17850",)"
    R"("type":"wholesale","country":"United Kingdom"},"lines":[{"sku":"85123A","description":"HEART",)"
    R"("category":"home","quantity":6,"unit_price":"2.55","discount":"0.10"}],"attributes":{"coupon":"XMAS"}})";

// A batch that one body was decoded into.
struct Decoded {
  EventBatch batch;
  std::optional<Problem> body_problem;

  const Event& event(size_t i = 0) const { return batch.events.at(i); }
  const Problem& problem(size_t i = 0) const { return batch.rejections.at(i).problem; }
};

inline Decoded decode_json(std::string text, Format format = Format::json, Limits limits = {}) {
  Decoded out;
  JsonDecoder decoder(limits);
  out.body_problem =
      decoder.decode_json(std::make_shared<const std::string>(std::move(text)), out.batch, format);
  return out;
}

inline Decoded decode_ndjson(std::string text, Limits limits = {}) {
  Decoded out;
  JsonDecoder decoder(limits);
  out.body_problem = decoder.decode_ndjson(std::make_shared<const std::string>(std::move(text)), out.batch);
  return out;
}

// The content hash of one event, which must decode.
inline uint64_t hash_of(const std::string& text, Format format = Format::json) {
  Decoded decoded = decode_json(text, format);
  if (decoded.batch.events.size() == 1) return decoded.event().content_hash;
  ADD_FAILURE() << "not one event: " << text << "\n"
                << (decoded.batch.rejections.empty() ? "" : decoded.problem().detail);
  return 0;
}

// `text` with the first `from` replaced.
inline std::string with(std::string text, const std::string& from, const std::string& to) {
  size_t at = text.find(from);
  if (at == std::string::npos) {
    ADD_FAILURE() << from << " is not in " << text;
    return text;
  }
  return text.replace(at, from.size(), to);
}

// Decodes what a record would hold of the event and expects the same event.
inline void expect_replay(const Event& event) {
  SCOPED_TRACE(std::string(event.payload));
  std::string payload(event.payload), contact(event.contact);
  RecordDecoder decoder;
  EventBatch batch;
  ASSERT_TRUE(decoder.decode(event.format, payload, contact, 0, batch)) << batch.rejections[0].problem.detail;
  const Event& again = batch.events.at(0);
  EXPECT_EQ(again.type, event.type);
  EXPECT_EQ(again.source, event.source);
  EXPECT_EQ(again.event_id, event.event_id);
  EXPECT_EQ(again.occurred_at, event.occurred_at);
  EXPECT_EQ(again.order_id, event.order_id);
  EXPECT_EQ(again.revision, event.revision);
  EXPECT_EQ(again.customer.id, event.customer.id);
  EXPECT_EQ(again.product.sku, event.product.sku);
  EXPECT_EQ(again.line_count, event.line_count);
  EXPECT_EQ(again.content_hash, event.content_hash);
  EXPECT_EQ(again.payload, event.payload);
  EXPECT_EQ(again.contact, event.contact);
}

}  // namespace lode::event
