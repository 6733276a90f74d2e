// The event loop of the load: keeps connections busy, by a schedule or as fast as they answer, and measures
// each request. With a rate, latency counts from when a request was due, not from when a connection was free
// for it, so that a stall of the server is seen by every request that it held up (no coordinated omission).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/connection.h"
#include "bench/histogram.h"

namespace lode::bench {

struct Pace {
  double requests_per_second = 0;  // 0: as fast as they are answered
  double seconds = 10;             // no request starts later; 0: no end
  uint64_t requests = 0;           // no more than these; 0: no end
};

struct Tally {
  Histogram latency;
  uint64_t requests = 0, accepted = 0, duplicates = 0, rejected = 0;
  uint64_t queue_full = 0;   // 429: sent again after Retry-After
  uint64_t unavailable = 0;  // 503, 507: the same
  uint64_t failed = 0;       // other statuses from 400 on but 422
  uint64_t reconnects = 0;
  double seconds = 0;  // from the first start to the last answer

  void merge(const Tally& other);
};

int64_t nanoseconds_now();  // monotonic

// Drives the connections on the caller's thread until the pace ends and all is answered; requests are
// numbered by `next`, which several threads may share. `stop` ends it early. Throws ConnectionError when the
// server can't be reached any more.
Tally drive(const std::vector<std::unique_ptr<Connection>>& connections, const Pace& pace,
            std::atomic<uint64_t>& next, const std::atomic<bool>& stop);

}  // namespace lode::bench
