// Reads a record's payload and contact part back into an event: replay's side of admission, on the same code.
#pragma once

#include "event/json.h"

namespace lode::event {

// Reusable, not thread-safe. Today's limits don't apply: what is in the log is read.
class RecordDecoder {
 public:
  RecordDecoder() : json_(Limits::unlimited()) {}

  // The bytes outlive the batch. Appends the event that admission appended, with the same content hash, or
  // (which in a log means damage) a rejection with `index`. Event::retry_of is the caller's to set.
  bool decode(Format format, std::string_view payload, std::string_view contact, uint32_t index,
              EventBatch& batch);

 private:
  JsonDecoder json_;
};

}  // namespace lode::event
