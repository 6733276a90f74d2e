// What a read of the quarantine asks for: silver's filters, `include`, and `received_at` as a range of
// offsets. Any thread.
#pragma once

#include "query/log_query.h"
#include "query/silver_request.h"

namespace lode::query {

struct QuarantineRequest {
  SilverRequest rows;
  bool event = false, contact = false;  // what was sent
};

// Reads some batches of the log when `received_at` is there.
Answer<QuarantineRequest> parse_quarantine_request(const LogSource& log, const Parameters& parameters);

}  // namespace lode::query
