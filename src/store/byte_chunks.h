// Bytes that are appended and never move: what an epoch's rows lie in. Freed all at once. Not thread-safe;
// what was appended may be read by any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "store/prefetch.h"
#include "store/zeroed_memory.h"

namespace lode::store {

class ByteChunks {
 public:
  // A copy that lives as long as this does.
  std::string_view append(std::string_view bytes) {
    char* at = allocate(bytes.size());
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    return {at, bytes.size()};
  }

  char* allocate(size_t size) {
    if (size > left_) {
      left_ = std::max(size, kChunk);
      chunks_.push_back(zeroed_memory<char>(left_));
      next_ = chunks_.back().get();
      bytes_ += left_;
    }
    char* at = next_;
    next_ += size;
    left_ -= size;
    for (size_t ahead = kLine; ahead <= std::min(left_, 4 * kLine); ahead += kLine) prefetch(next_ + ahead);
    return at;
  }

  uint64_t memory_bytes() const { return bytes_; }

 private:
  static constexpr size_t kChunk = size_t{1} << 18;
  static constexpr size_t kLine = 64;
  std::vector<ZeroedMemory<char>> chunks_;
  char* next_ = nullptr;
  size_t left_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace lode::store
