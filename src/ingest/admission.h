// What may wait: the bounds on events and bytes in flight, and the disk's free space. Decides before anything
// is proposed.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "env/clock.h"
#include "ingest/ingest.h"

namespace lode::ingest {

// Any thread.
class Admission {
 public:
  Admission(const Bounds& bounds, const env::Clock& clock, std::string data_dir);

  // Reserves room for a request or says why not. A request larger than the whole queue is let in when the
  // queue is empty.
  std::optional<Refusal> reserve(uint64_t events, uint64_t bytes);
  void release(uint64_t events, uint64_t bytes);
  void set_bounds(const Bounds& bounds);
  bool is_disk_full();
  uint64_t events() const { return events_; }
  uint64_t bytes() const { return bytes_; }

 private:
  const env::Clock& clock_;
  std::string data_dir_;
  std::atomic<uint64_t> queue_events_ = 0, queue_bytes_ = 0, reserved_disk_bytes_ = 0;
  std::atomic<uint64_t> events_ = 0, bytes_ = 0;
  std::atomic<int64_t> disk_looked_at_ = INT64_MIN;
  std::atomic<bool> disk_full_ = false;
};

}  // namespace lode::ingest
