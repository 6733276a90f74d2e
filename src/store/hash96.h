// What stands for a text in the indexes: a keyed hash, long enough that two texts never share one.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>

namespace lode::store {

// 96 bits of a keyed hash: among 10^9 keys the chance of any collision is 6e-12, so a hit needs no
// confirmation.
struct Hash96 {
  uint64_t high = 0;
  uint32_t low = 0;
  friend auto operator<=>(const Hash96&, const Hash96&) = default;
};

// Keyed (SipHash-128, cut to 96 bits) so that nobody outside can make ids collide. Any thread.
class Hasher {
 public:
  explicit Hasher(std::array<uint8_t, 16> secret) : secret_(secret) {}
  Hash96 operator()(std::string_view text) const;
  // Of a pair, told apart by the first one's length.
  Hash96 operator()(std::string_view first, std::string_view second) const;

 private:
  std::array<uint8_t, 16> secret_;
};

}  // namespace lode::store
