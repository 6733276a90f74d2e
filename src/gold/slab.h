// Elements of one size at stable addresses, in chunks: growing moves nothing. One writer, or many readers.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace lode::gold {

class Slab {
 public:
  explicit Slab(uint32_t element_bytes) : element_bytes_(element_bytes) {}

  uint32_t size() const { return size_; }
  char* at(uint32_t position) { return &chunks_[position >> kShift][(position & kMask) * element_bytes_]; }
  const char* at(uint32_t position) const {
    return &chunks_[position >> kShift][(position & kMask) * element_bytes_];
  }
  // A new element, all zero bytes.
  uint32_t append() {
    if ((size_ & kMask) == 0) {
      chunks_.emplace_back(static_cast<char*>(std::calloc(kMask + 1, element_bytes_)));
      if (!chunks_.back()) throw std::bad_alloc();
    }
    return size_++;
  }
  uint64_t memory_bytes() const { return uint64_t{chunks_.size()} * (kMask + 1) * element_bytes_; }

 private:
  static constexpr uint32_t kShift = 12;
  static constexpr uint64_t kMask = (1u << kShift) - 1;

  struct Free {
    void operator()(char* chunk) const { std::free(chunk); }
  };

  uint64_t element_bytes_;
  uint32_t size_ = 0;
  std::vector<std::unique_ptr<char[], Free>> chunks_;
};

}  // namespace lode::gold
