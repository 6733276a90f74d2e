#include "materialize/build.h"

#include <pthread.h>

#include <chrono>
#include <utility>

#include "materialize/entry_decoder.h"
#include "materialize/log_gap.h"
#include "store/thread_priority.h"

namespace lode::materialize {

Build::Build(const log::Log& log, record::GroupId group, const store::Hasher& hasher, Open open, Limit limit)
    : log_(log), group_(group), hasher_(hasher), open_(std::move(open)), limit_(std::move(limit)) {
  thread_ = std::thread([this] { run(); });
}

Build::~Build() { finish(Epochs::given_up); }

record::EntryIndex Build::applied() const {
  std::lock_guard lock(mutex_);
  return generation_ ? generation_->materializer().applied_entry() : record::EntryIndex{};
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
  Materializer& materializer = generation.materializer();
  EntryDecoder decoder(hasher_);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const record::EntryIndex limit = limit_(), from{materializer.applied_entry().value + 1};
    if (from <= limit) {
      require_replayable(log_, group_, {from.value - 1});
      generation.expect(limit.value - from.value);
      log_.scan(group_, from, [&](const log::StoredEntry& stored) {
        materializer.apply(decoder.decode(stored.index, stored.type, stored.payload)->entry, nullptr);
        std::lock_guard held(mutex_);
        return !stopping_ && stored.index < limit;
      });
      changed_.notify_all();
    }
    lock.lock();
    // An entry may count as committed a moment before it is in this log.
    if (!stopping_ && materializer.applied_entry() >= limit_()) changed_.wait_for(lock, kPause);
    if (!stopping_ && materializer.applied_entry() < from && from <= limit) changed_.wait_for(lock, kPause);
  }
}

}  // namespace lode::materialize
