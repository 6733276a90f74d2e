// Builds an index's filter in the background: from the keys on the disk, from those of an epoch in memory,
// and from the ones inserted meanwhile.
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <stop_token>
#include <thread>

#include "store/hash_filter.h"

namespace lode::store {

class FilterBuilder {
 public:
  // `walk` gives every key that is there already, on the builder's thread, until `add` says false.
  using Add = std::function<bool(const Hash96&)>;
  using Walk = std::function<void(const Add& add)>;
  FilterBuilder(uint64_t expected_keys, Walk walk);
  ~FilterBuilder() = default;  // stops the walk

  // A key that `walk` may not give. One thread, the same as done() and take().
  void insert(const Hash96& key) { filter_->insert_shared(key); }
  bool done() const { return done_.load(std::memory_order_acquire); }
  std::unique_ptr<HashFilter> take();  // when done(); throws what the walk threw

 private:
  std::unique_ptr<HashFilter> filter_;
  std::exception_ptr failure_;
  std::atomic<bool> done_ = false;
  std::jthread thread_;  // last: stops before the others go
};

}  // namespace lode::store
