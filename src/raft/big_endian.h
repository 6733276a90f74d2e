// Eight bytes, big-endian, as the log's other numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lode::raft {

inline void put_fixed64(std::string& to, uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) to.push_back(static_cast<char>(value >> shift));
}

// The caller has looked that they are there.
inline uint64_t fixed64_at(std::string_view bytes, size_t at) {
  uint64_t out = 0;
  for (size_t i = at; i < at + 8; ++i) out = out << 8 | static_cast<unsigned char>(bytes[i]);
  return out;
}

}  // namespace lode::raft
