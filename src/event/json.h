// JSON events in: one event, an array of them, NDJSON. The views of the decoded events point into the body
// (or, for text with escapes, into the batch's arena). simdjson stays behind this header.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "event/event.h"

namespace lode::event {

// Reusable and not thread-safe: one per thread.
class JsonDecoder {
 public:
  explicit JsonDecoder(Limits limits = {});
  ~JsonDecoder();
  JsonDecoder(JsonDecoder&&) noexcept;
  JsonDecoder& operator=(JsonDecoder&&) noexcept;

  const Limits& limits() const;

  // A body of application/json: one object or an array of objects. Appends to `batch`, which keeps `body`.
  // An answer: the body can't be split into items at all (400 `invalid_json`, 413 `too_many_events`); nothing
  // was appended. `format` json, or cloudevents for structured CloudEvents (one, or a batch of them).
  std::optional<Problem> decode_json(std::shared_ptr<const std::string> body, EventBatch& batch,
                                     Format format = Format::json);

  // A body of application/x-ndjson: an event a line, empty lines skipped; a broken line costs only itself.
  std::optional<Problem> decode_ndjson(std::shared_ptr<const std::string> body, EventBatch& batch);

  // One event whose bytes outlive the batch; no byte behind its end is read. Appends an event or, with
  // `index`, a rejection. The road of replay (record_decoder.h): `contact` is the record's contact part,
  // empty at admission, where contact fields found in `text` are moved out of the payload.
  bool decode_one(std::string_view text, std::string_view contact, uint32_t index, EventBatch& batch,
                  Format format = Format::json);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::event
