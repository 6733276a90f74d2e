// Builds an index's filter in the background: from the keys on the disk, from those of an epoch in memory,
// and from the ones inserted meanwhile, which are handed over in chunks.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "store/hash_filter.h"

namespace lode::store {

class FilterBuilder {
 public:
  // `walk` gives every key that is there already, on the builder's thread, until `add` says false.
  using Add = std::function<bool(uint64_t hash)>;
  using Walk = std::function<void(const Add& add)>;
  FilterBuilder(uint64_t expected_keys, Walk walk);
  ~FilterBuilder() = default;  // stops the walk

  // A key that `walk` may not give. One thread, the same as take().
  void insert(uint64_t hash) {
    chunk_.push_back(hash);
    if (chunk_.size() == kChunk) hand_over();
  }
  bool done() const { return done_.load(std::memory_order_acquire); }
  std::unique_ptr<HashFilter> take();  // waits until it's done; throws what the walk threw

 private:
  static constexpr size_t kChunk = 1024;
  using Chunk = std::vector<uint64_t>;

  void hand_over();
  bool add_handed_over();  // false: there was nothing

  std::unique_ptr<HashFilter> filter_;  // the thread's until it is done
  std::exception_ptr failure_;
  std::atomic<bool> done_ = false;
  Chunk chunk_;  // being filled
  std::mutex mutex_;
  std::vector<Chunk> chunks_;
  std::atomic<bool> waiting_ = false;  // some in chunks_
  std::jthread thread_;                // last: stops before the others go
};

}  // namespace lode::store
