#include "bench/drive.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace lode::bench {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kNever = INT64_MAX;
constexpr int64_t kAnswerPatience = 60 * kSecond;

struct Slot {
  Connection* connection = nullptr;
  bool busy = false;
  int64_t due = 0;  // when the request was to start
  int64_t resend_at = kNever;
  uint32_t interest = 0;  // what epoll watches
};

class Loop {
 public:
  Loop(const std::vector<std::unique_ptr<Connection>>& connections, const Pace& pace,
       std::atomic<uint64_t>& next, const std::atomic<bool>& stop)
      : pace_(pace),
        next_(next),
        stop_(stop),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        slots_(connections.size()) {
    for (size_t i = 0; i < connections.size(); i++) {
      slots_[i].connection = connections[i].get();
      slots_[i].connection->open();
      watch(slots_[i], EPOLL_CTL_ADD);
      free_.push_back(&slots_[i]);
    }
    if (pace.requests_per_second > 0) interval_ = static_cast<double>(kSecond) / pace.requests_per_second;
  }
  ~Loop() { close(epoll_); }

  Tally run() {
    start_ = nanoseconds_now();
    end_ = pace_.seconds > 0 ? start_ + static_cast<int64_t>(pace_.seconds * 1e9) : kNever;
    last_answer_ = start_;
    for (;;) {
      int64_t now = nanoseconds_now();
      int64_t wake = start_due(now);
      wake = std::min(wake, resend(now));
      if (!more_ && busy_ == 0) break;
      if (busy_ > 0 && now - last_answer_ > kAnswerPatience)
        throw ConnectionError("no answer for 60 seconds");
      wait(wake, now);
    }
    tally_.seconds = static_cast<double>(last_answer_ - start_) / 1e9;
    return std::move(tally_);
  }

 private:
  // Starts what is due; answers when the next is.
  int64_t start_due(int64_t now) {
    while (more_ && !free_.empty()) {
      int64_t due = now;
      if (interval_ > 0) due = start_ + static_cast<int64_t>(interval_ * static_cast<double>(started_));
      if (std::max(due, now) >= end_ || stop_) {
        more_ = false;
        break;
      }
      if (due > now) return std::min(due, end_);
      uint64_t request = next_.fetch_add(1);
      if (pace_.requests > 0 && request >= pace_.requests) {
        more_ = false;
        break;
      }
      started_++;
      Slot* slot = free_.back();
      free_.pop_back();
      slot->busy = true;
      slot->due = due;
      busy_++;
      guarded(*slot, [&] { slot->connection->start(request); });
      now = nanoseconds_now();
    }
    return more_ && !free_.empty() ? now : kNever;
  }

  int64_t resend(int64_t now) {
    int64_t wake = kNever;
    if (waiting_ == 0) return wake;
    for (Slot& slot : slots_) {
      if (slot.resend_at <= now) {
        slot.resend_at = kNever;
        waiting_--;
        guarded(slot, [&] { slot.connection->again(); });
      }
      wake = std::min(wake, slot.resend_at);
    }
    return wake;
  }

  void wait(int64_t wake, int64_t now) {
    int64_t pause = std::clamp<int64_t>(wake == kNever ? kSecond / 10 : wake - now, 0, kSecond / 10);
    timespec timeout{pause / kSecond, pause % kSecond};
    std::array<epoll_event, 64> events;
    int ready = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    if (ready < 0 && errno != EINTR) throw ConnectionError(std::string("epoll: ") + std::strerror(errno));
    for (int i = 0; i < ready; i++) {
      Slot& slot = *static_cast<Slot*>(events[static_cast<size_t>(i)].data.ptr);
      std::optional<Outcome> outcome;
      if (slot.resend_at == kNever) guarded(slot, [&] { outcome = slot.connection->advance(); });
      if (outcome) book(slot, *outcome);
    }
  }

  void book(Slot& slot, const Outcome& outcome) {
    last_answer_ = nanoseconds_now();
    if (outcome.status == 429 || outcome.status == 503 || outcome.status == 507) {
      (outcome.status == 429 ? tally_.queue_full : tally_.unavailable)++;
      slot.resend_at = last_answer_ + std::max<int64_t>(outcome.retry_after_seconds * kSecond, kSecond / 20);
      waiting_++;
      return;
    }
    tally_.latency.record(last_answer_ - slot.due);
    tally_.requests++;
    tally_.accepted += outcome.accepted;
    tally_.duplicates += outcome.duplicates;
    tally_.rejected += outcome.rejected;
    if (outcome.status >= 400 && outcome.status != 422) tally_.failed++;
    slot.busy = false;
    busy_--;
    free_.push_back(&slot);
  }

  // Runs a step; when the connection breaks in it, connects again and sends the request once more.
  template <typename Step>
  void guarded(Slot& slot, Step step) {
    try {
      step();
    } catch (const ConnectionError&) {
      if (++tally_.reconnects > 1000) throw;
      slot.connection->open();
      watch(slot, EPOLL_CTL_ADD);
      if (slot.busy) slot.connection->again();
    }
    uint32_t wanted = EPOLLIN | (slot.connection->wants_write() ? static_cast<uint32_t>(EPOLLOUT) : 0u);
    if (wanted != slot.interest) watch(slot, EPOLL_CTL_MOD);
  }

  void watch(Slot& slot, int operation) {
    slot.interest = EPOLLIN | (slot.connection->wants_write() ? static_cast<uint32_t>(EPOLLOUT) : 0u);
    epoll_event event{};
    event.events = slot.interest;
    event.data.ptr = &slot;
    if (epoll_ctl(epoll_, operation, slot.connection->descriptor(), &event) != 0) {
      throw ConnectionError(std::string("epoll: ") + std::strerror(errno));
    }
  }

  const Pace& pace_;
  std::atomic<uint64_t>& next_;
  const std::atomic<bool>& stop_;
  const int epoll_;
  std::vector<Slot> slots_;
  std::vector<Slot*> free_;
  double interval_ = 0;
  int64_t start_ = 0, end_ = kNever, last_answer_ = 0;
  uint64_t started_ = 0;
  size_t busy_ = 0, waiting_ = 0;
  bool more_ = true;
  Tally tally_;
};

}  // namespace

int64_t nanoseconds_now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

void Tally::merge(const Tally& other) {
  latency.merge(other.latency);
  requests += other.requests;
  accepted += other.accepted;
  duplicates += other.duplicates;
  rejected += other.rejected;
  queue_full += other.queue_full;
  unavailable += other.unavailable;
  failed += other.failed;
  reconnects += other.reconnects;
  seconds = std::max(seconds, other.seconds);
}

Tally drive(const std::vector<std::unique_ptr<Connection>>& connections, const Pace& pace,
            std::atomic<uint64_t>& next, const std::atomic<bool>& stop) {
  return Loop(connections, pace, next, stop).run();
}

}  // namespace lode::bench
