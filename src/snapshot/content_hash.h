// What stands for the bytes of a file and of a piece of one. Pure; a hasher is for one thread.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace lode::snapshot {

// XXH3-128 of all bytes. Not against somebody who makes up files: nodes trust each other.
struct ContentHash {
  uint64_t high = 0, low = 0;
  std::string hex() const;  // 32 digits
  friend auto operator<=>(const ContentHash&, const ContentHash&) = default;
};

class ContentHasher {
 public:
  ContentHasher();
  ~ContentHasher();
  void add(std::string_view bytes);
  ContentHash hash() const;  // of what was added

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

uint64_t piece_checksum(std::string_view bytes);  // XXH3-64

}  // namespace lode::snapshot
