#include "store/filter_builder.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lode::store {

FilterBuilder::FilterBuilder(uint64_t expected_keys, Walk walk)
    : filter_(std::make_unique<HashFilter>(expected_keys)),
      thread_([this, walk = std::move(walk)](const std::stop_token& stop) {
        try {
          // A key goes in when its cache line has had the time of some others to arrive.
          std::array<uint64_t, 32> ahead{};
          size_t taken = 0;
          walk([&](uint64_t hash) {
            uint64_t& slot = ahead[taken % ahead.size()];
            if (taken++ >= ahead.size()) filter_->insert(slot);
            slot = hash;
            filter_->prefetch(hash);
            if (waiting_.load(std::memory_order_relaxed)) add_handed_over();
            return !stop.stop_requested();
          });
          for (size_t i = 0; i < std::min(taken, ahead.size()); ++i) filter_->insert(ahead[i]);
          while (!stop.stop_requested() && add_handed_over()) {
          }
        } catch (...) {
          failure_ = std::current_exception();
        }
        done_.store(true, std::memory_order_release);
      }) {}

void FilterBuilder::hand_over() {
  std::lock_guard lock(mutex_);
  chunks_.push_back(std::exchange(chunk_, {}));
  chunk_.reserve(kChunk);
  waiting_.store(true, std::memory_order_relaxed);
}

bool FilterBuilder::add_handed_over() {
  std::vector<Chunk> chunks;
  {
    std::lock_guard lock(mutex_);
    chunks.swap(chunks_);
    waiting_.store(false, std::memory_order_relaxed);
  }
  for (const Chunk& chunk : chunks) {
    for (uint64_t hash : chunk) filter_->insert(hash);
  }
  return !chunks.empty();
}

std::unique_ptr<HashFilter> FilterBuilder::take() {
  thread_.join();
  if (failure_) std::rethrow_exception(failure_);
  hand_over();
  add_handed_over();
  return std::move(filter_);
}

}  // namespace lode::store
