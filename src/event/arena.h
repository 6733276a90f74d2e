// Bytes that stay where they are until the arena goes: text of events that can't point into what was
// received.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace lode::event {

// Not thread-safe. Views handed out live as long as the arena, also after it was moved.
class Arena {
 public:
  char* allocate(size_t bytes) {
    if (bytes > left_) grow(bytes);
    char* out = next_;
    next_ += bytes;
    left_ -= bytes;
    return out;
  }
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* to = allocate(text.size());
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }

 private:
  void grow(size_t bytes) {
    size_t size = bytes > kBlockBytes ? bytes : kBlockBytes;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    next_ = blocks_.back().get();
    left_ = size;
  }
  static constexpr size_t kBlockBytes = 32 * 1024;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  size_t left_ = 0;
};

}  // namespace lode::event
