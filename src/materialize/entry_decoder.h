// A committed entry's bytes as events: what apply takes, when the events did not come from a client of this
// node a moment ago.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "event/record_decoder.h"
#include "log/log.h"
#include "materialize/materializer.h"

namespace lode::materialize {

// Owns what `entry` points to.
struct DecodedEntry {
  CommittedEntry entry;
  event::EventBatch batch;
  std::vector<store::Hash96> keys;
};

// Reusable, not thread-safe.
class EntryDecoder {
 public:
  explicit EntryDecoder(const store::Hasher& hasher) : hasher_(hasher) {}
  // `payload` is copied. Entries that are no batch hold no events. Throws record::Corruption.
  std::unique_ptr<DecodedEntry> decode(record::EntryIndex index, log::EntryType type,
                                       std::string_view payload);

 private:
  const store::Hasher& hasher_;
  event::RecordDecoder decoder_;
};

}  // namespace lode::materialize
