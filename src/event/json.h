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

  // A body of application/json: one object or an array of objects. Appends to `batch`, which keeps `body`.
  // An answer: the body can't be split into items at all (400 `invalid_json`, 413 `too_many_events`); nothing was appended.
  std::optional<Problem> decode_json(std::shared_ptr<const std::string> body, EventBatch& batch);

  // A body of application/x-ndjson: an event a line, empty lines skipped; a broken line costs only itself.
  std::optional<Problem> decode_ndjson(std::shared_ptr<const std::string> body, EventBatch& batch);

  // One event whose bytes outlive the batch; at least simdjson's padding (64 bytes) may be read past the end unless
  // `padded` is false (then it is copied). Appends an event or, with `index`, a rejection. The road of replay: `contact`
  // is the record's contact part, empty at admission, where contact fields found in `text` are moved out of the payload.
  bool decode_one(std::string_view text, std::string_view contact, bool padded, uint32_t index, EventBatch& batch);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::event
