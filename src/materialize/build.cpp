#include "materialize/build.h"

#include <pthread.h>

#include <chrono>
#include <utility>

#include "materialize/decode_ahead.h"
#include "materialize/log_gap.h"
#include "store/thread_priority.h"

namespace lode::materialize {

Build::Build(const log::Log& log, record::GroupId group, const store::Hasher& hasher, Open open, Limit limit,
             Pace pace)
    : log_(log),
      group_(group),
      hasher_(hasher),
      open_(std::move(open)),
      limit_(std::move(limit)),
      pace_(pace),
      hurried_(!pace.low_priority) {
  thread_ = std::thread([this] { run(); });
}

Build::~Build() { finish(Epochs::given_up); }

record::EntryIndex Build::applied() const {
  std::lock_guard lock(mutex_);
  return generation_ ? generation_->materializer().applied_entry() : record::EntryIndex{};
}

record::Offset Build::next_offset() const {
  std::lock_guard lock(mutex_);
  return generation_ ? generation_->materializer().next_offset() : record::Offset{};
}

bool Build::is_open() const {
  std::lock_guard lock(mutex_);
  return generation_ != nullptr;
}

double Build::records_a_second() const {
  std::lock_guard lock(mutex_);
  if (!generation_) return 0;
  const Moment now = caught_up_.value_or(
      Moment{std::chrono::steady_clock::now(), generation_->materializer().next_offset().value});
  const double seconds = std::chrono::duration<double>(now.time - begun_.time).count();
  return seconds > 0 ? static_cast<double>(now.records - begun_.records) / seconds : 0;
}

std::string Build::trouble() const {
  std::lock_guard lock(mutex_);
  return trouble_;
}

void Build::hurry() {
  std::lock_guard lock(mutex_);
  hurried_ = true;
  if (std::exchange(lowered_, false)) store::restore_priority(thread_id_);
}

bool Build::wait_for(record::EntryIndex entry, std::chrono::milliseconds time) {
  changed_.notify_all();
  std::unique_lock lock(mutex_);
  auto reached = [&] { return generation_ && generation_->materializer().applied_entry() >= entry; };
  changed_.wait_for(lock, time, reached);
  return reached() && trouble_.empty();
}

std::shared_ptr<Generation> Build::finish(Epochs epochs) {
  std::shared_ptr<Generation> begun;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    begun = generation_;
  }
  if (begun && epochs == Epochs::given_up) begun->state().give_up();
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (generation_) generation_->materializer().set_replaying(false);
  return std::exchange(generation_, nullptr);
}

void Build::run() {
  pthread_setname_np(pthread_self(), "lode-build");
  bool can_restore = store::priority_can_be_restored();
  try {
    {
      std::lock_guard lock(mutex_);
      thread_id_ = store::this_thread();
      lowered_ = can_restore && !hurried_;
      if (lowered_) store::lower_priority(thread_id_);
    }
    std::shared_ptr<Generation> generation = open_();
    generation->materializer().set_replaying(true);
    {
      std::lock_guard lock(mutex_);
      generation_ = generation;
      begun_ = {std::chrono::steady_clock::now(), generation->materializer().next_offset().value};
    }
    follow(*generation);
  } catch (const std::exception& error) {
    std::lock_guard lock(mutex_);
    trouble_ = error.what();
  }
  changed_.notify_all();
}

void Build::follow(Generation& generation) {
  constexpr std::chrono::milliseconds kPause{20};
  // Threads that decode keep the priority that they began with: hurry() reaches them at the next range.
  constexpr uint64_t kRange = 1024;
  Materializer& materializer = generation.materializer();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const record::EntryIndex limit = limit_(), from{materializer.applied_entry().value + 1};
    if (from <= limit) {
      require_replayable(log_, group_, {from.value - 1});
      generation.expect(limit.value - from.value);
      apply_range(generation, from, {std::min(limit.value, from.value + kRange - 1)});
      changed_.notify_all();
    }
    lock.lock();
    const bool idle = materializer.applied_entry() >= limit_();
    if (idle && !caught_up_)
      caught_up_ = {std::chrono::steady_clock::now(), materializer.next_offset().value};
    // An entry may count as committed a moment before it is in this log.
    if (!stopping_ && idle) changed_.wait_for(lock, kPause);
    if (!stopping_ && materializer.applied_entry() < from && from <= limit) changed_.wait_for(lock, kPause);
  }
}

// False: it is to stop.
bool Build::apply_range(Generation& generation, record::EntryIndex from, record::EntryIndex to) {
  constexpr uint64_t kFew = 4;  // entries, for which no threads are begun
  Materializer& materializer = generation.materializer();
  auto take = [&](const CommittedEntry& entry) {
    const uint64_t before = materializer.next_offset().value;
    materializer.apply(entry, nullptr);
    return keep_pace(materializer.next_offset().value - before);
  };
  bool goes_on = true;
  if (pace_.cores <= 1 || to.value - from.value < kFew) {
    EntryDecoder decoder(hasher_);
    log_.scan(group_, from, [&](const log::StoredEntry& stored) {
      goes_on = take(decoder.decode(stored.index, stored.type, stored.payload)->entry);
      return goes_on && stored.index < to;
    });
    return goes_on;
  }
  DecodeAhead ahead(log_, group_, from, to, hasher_, pace_.cores - 1);
  while (goes_on) {
    const auto decoded = ahead.next();
    if (!decoded) break;
    goes_on = take(decoded->entry);
  }
  return goes_on;
}

// Waits until so many more are due. False: it is to stop.
bool Build::keep_pace(uint64_t records) {
  using std::chrono::steady_clock;
  std::unique_lock lock(mutex_);
  if (pace_.records_a_second == 0 || hurried_) return !stopping_;
  const auto takes = std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(
      static_cast<double>(records) / static_cast<double>(pace_.records_a_second)));
  free_at_ = std::max(free_at_, steady_clock::now()) + takes;
  changed_.wait_until(lock, free_at_, [&] { return stopping_ || hurried_; });
  return !stopping_;
}

}  // namespace lode::materialize
