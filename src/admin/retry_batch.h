// Records of the log made ready to be sent again, with changes or without. One thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "event/json.h"
#include "query/record_lookup.h"

namespace lode::admin {

class RetryBatch {
 public:
  using Edits = std::vector<std::pair<std::string, std::string>>;  // JSON pointer, JSON value

  // `limits`: of what is sent. All outlive it.
  RetryBatch(const query::LogSource& log, const Edits& edits, const event::Limits& limits)
      : records_(log), edits_(edits), decoder_(limits) {}

  // Adds the record as the batch's next item: an event that retries it, or a rejection with the reason.
  // False, and nothing was added: it is not in the log any more.
  bool add(uint64_t offset);
  uint32_t size() const { return batch_.item_count; }
  event::EventBatch take();

 private:
  query::RecordLookup records_;
  const Edits& edits_;
  event::JsonDecoder decoder_;
  event::EventBatch batch_;
};

}  // namespace lode::admin
