#include "ingest/admission.h"

#include <sys/statvfs.h>

#include "ingest/refusals.h"

namespace lode::ingest {

Admission::Admission(const Bounds& bounds, const env::Clock& clock, std::string data_dir)
    : clock_(clock), data_dir_(std::move(data_dir)) {
  set_bounds(bounds);
}

void Admission::set_bounds(const Bounds& bounds) {
  queue_events_ = bounds.queue_events;
  queue_bytes_ = bounds.queue_bytes;
  reserved_disk_bytes_ = bounds.reserved_disk_bytes;
}

std::optional<Refusal> Admission::reserve(uint64_t events, uint64_t bytes) {
  if (is_disk_full())
    return Refusal{507,
                   {"disk_full", "",
                    "The data folder's disk has less free space than the reserve; free some space and send "
                    "the request again."},
                   10};
  uint64_t before_events = events_.fetch_add(events), before_bytes = bytes_.fetch_add(bytes);
  bool fits = before_events + events <= queue_events_ && before_bytes + bytes <= queue_bytes_;
  if (fits || before_events == 0) return std::nullopt;
  release(events, bytes);
  return queue_full();
}

void Admission::release(uint64_t events, uint64_t bytes) {
  events_ -= events;
  bytes_ -= bytes;
}

bool Admission::is_disk_full() {
  constexpr int64_t kLookEveryMicros = 500'000;
  int64_t now = clock_.steady_micros(), last = disk_looked_at_;
  if ((last == INT64_MIN || now - last >= kLookEveryMicros) &&
      disk_looked_at_.compare_exchange_strong(last, now)) {
    struct statvfs disk {};
    if (!data_dir_.empty() && statvfs(data_dir_.c_str(), &disk) == 0)
      disk_full_ = disk.f_bavail * disk.f_frsize < reserved_disk_bytes_;
  }
  return disk_full_;
}

}  // namespace lode::ingest
