#include "store/filter_builder.h"

#include <utility>

#include "store/thread_priority.h"

namespace lode::store {

FilterBuilder::FilterBuilder(uint64_t expected_keys, Walk walk)
    : filter_(std::make_unique<HashFilter>(expected_keys)),
      thread_([this, walk = std::move(walk)](const std::stop_token& stop) {
        lower_priority(this_thread());
        try {
          walk([&](const Hash96& key) {
            filter_->insert_shared(key);
            return !stop.stop_requested();
          });
        } catch (...) {
          failure_ = std::current_exception();
        }
        done_.store(true, std::memory_order_release);
      }) {}

std::unique_ptr<HashFilter> FilterBuilder::take() {
  thread_.join();
  if (failure_) std::rethrow_exception(failure_);
  return std::move(filter_);
}

}  // namespace lode::store
