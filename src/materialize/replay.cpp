#include "materialize/replay.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "materialize/entry_decoder.h"
#include "materialize/log_gap.h"

namespace lode::materialize {

namespace {

// Decoding goes ahead of apply by a few entries, on the other core.
class Handover {
 public:
  bool put(std::unique_ptr<DecodedEntry> entry) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || waiting_.size() < kAhead; });
    if (closed_) return false;
    waiting_.push_back(std::move(entry));
    changed_.notify_all();
    return true;
  }
  std::unique_ptr<DecodedEntry> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
    if (waiting_.empty()) return nullptr;
    auto entry = std::move(waiting_.front());
    waiting_.pop_front();
    changed_.notify_all();
    return entry;
  }
  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  static constexpr size_t kAhead = 8;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<DecodedEntry>> waiting_;
  bool closed_ = false;
};

}  // namespace

void replay(const log::Log& log, record::GroupId group, record::EntryIndex from, const store::Hasher& hasher,
            const std::function<bool(const CommittedEntry& entry)>& take) {
  require_replayable(log, group, {from.value - 1});
  Handover handover;
  std::exception_ptr failure;
  std::thread reader([&] {
    try {
      EntryDecoder decoder(hasher);
      log.scan(group, from, [&](const log::StoredEntry& stored) {
        return handover.put(decoder.decode(stored.index, stored.type, stored.payload));
      });
    } catch (...) {
      failure = std::current_exception();
    }
    handover.close();
  });
  std::exception_ptr take_failure;
  try {
    while (auto decoded = handover.take()) {
      if (!take(decoded->entry)) break;
    }
  } catch (...) {
    take_failure = std::current_exception();
  }
  handover.close();
  reader.join();
  if (take_failure) std::rethrow_exception(take_failure);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace lode::materialize
