// How new an answer has to be: min_offset and wait_ms, which every read takes and no query sees. Pure; any
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <variant>

#include "query/result.h"

namespace lode::wire {

struct Freshness {
  int64_t min_offset = -1;  // -1: whatever is applied
  std::chrono::milliseconds wait{1000};
};

// Takes the two out of `parameters`. A failure: 400 with a pointer.
query::Answer<Freshness> take_freshness(query::Parameters& parameters);

}  // namespace lode::wire
