// The only place that knows what time it is. Everything below takes time from its inputs (the record's
// receive time); the edges take a Clock. Two implementations: SystemClock, and ManualClock for tests.
#pragma once

#include <atomic>
#include <cstdint>

namespace lode::env {

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock, microseconds since 1970-01-01T00:00:00Z. Any thread.
  virtual int64_t now_micros() const = 0;
  // Monotonic, microseconds since an arbitrary point. Any thread.
  virtual int64_t steady_micros() const = 0;
};

class SystemClock final : public Clock {
 public:
  int64_t now_micros() const override;
  int64_t steady_micros() const override;
};

// Stands still until told otherwise. Any thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(int64_t now_micros) : now_(now_micros) {}
  int64_t now_micros() const override { return now_; }
  int64_t steady_micros() const override { return now_; }
  void advance_micros(int64_t by) { now_ += by; }

 private:
  std::atomic<int64_t> now_;
};

}  // namespace lode::env
