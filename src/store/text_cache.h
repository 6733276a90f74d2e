// The texts last read from the disk, by number. Bounded: a text that shares another one's place takes it. Any
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace lode::store {

class TextCache {
 public:
  bool get(uint32_t number, std::string& text) const {
    const Shard& shard = shards_[number % kShards];
    std::lock_guard lock(shard.mutex);
    const Entry& entry = shard.entries[number / kShards % kEntries];
    if (entry.number != number) return false;
    text = entry.text;
    return true;
  }

  void put(uint32_t number, std::string_view text) {
    Shard& shard = shards_[number % kShards];
    std::lock_guard lock(shard.mutex);
    Entry& entry = shard.entries[number / kShards % kEntries];
    entry.number = number;
    entry.text = text;
  }

  void clear() {
    for (Shard& shard : shards_) {
      std::lock_guard lock(shard.mutex);
      shard.entries = {};
    }
  }

 private:
  static constexpr size_t kShards = 16;
  static constexpr size_t kEntries = 512;
  struct Entry {
    uint32_t number = 0;  // 0: free
    std::string text;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::array<Entry, kEntries> entries;
  };
  std::array<Shard, kShards> shards_;
};

}  // namespace lode::store
