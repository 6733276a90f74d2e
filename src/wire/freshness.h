// How new an answer has to be: min_offset, consistency and wait_ms, which every read takes and no query sees.
// Pure; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <variant>

#include "query/result.h"

namespace lode::wire {

struct Freshness {
  int64_t min_offset = -1;    // -1: whatever is applied
  bool linearizable = false;  // nothing that was acknowledged on any node before the read is missing
  std::chrono::milliseconds wait{1000};
};

// Takes the three out of `parameters`. A failure: 400 with a pointer.
query::Answer<Freshness> take_freshness(query::Parameters& parameters);

}  // namespace lode::wire
