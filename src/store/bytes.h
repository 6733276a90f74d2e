// How rows are packed: LEB128 varints, zigzag for signed numbers, length-prefixed text. Reading past the end
// or an overlong varint throws Damaged. Pure; any thread.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace lode::store {

class Damaged : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Packer {
 public:
  explicit Packer(std::string& out) : out_(out) {}
  void number(uint64_t value) {
    if (value < 0x80) {
      out_.push_back(static_cast<char>(value));
      return;
    }
    char bytes[10];
    size_t size = 0;
    for (; value >= 0x80; value >>= 7) bytes[size++] = static_cast<char>(value | 0x80);
    bytes[size++] = static_cast<char>(value);
    out_.append(bytes, size);
  }
  void signed_number(int64_t value) {
    number((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
  }
  void wide(__int128 value) {
    auto bits = (static_cast<unsigned __int128>(value) << 1) ^ static_cast<unsigned __int128>(value >> 127);
    while (bits >= 0x80) {
      out_.push_back(static_cast<char>(static_cast<uint8_t>(bits) | 0x80));
      bits >>= 7;
    }
    out_.push_back(static_cast<char>(bits));
  }
  void text(std::string_view value) {
    number(value.size());
    out_.append(value);
  }

 private:
  std::string& out_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view in) : in_(in) {}
  bool done() const { return in_.empty(); }
  uint64_t number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      uint8_t byte = take();
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw Damaged("a varint of more than 64 bits");
  }
  int64_t signed_number() {
    uint64_t bits = number();
    return static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
  }
  __int128 wide() {
    unsigned __int128 bits = 0;
    for (int shift = 0; shift < 128; shift += 7) {
      uint8_t byte = take();
      bits |= static_cast<unsigned __int128>(byte & 0x7f) << shift;
      if (byte < 0x80) return static_cast<__int128>(bits >> 1) ^ -static_cast<__int128>(bits & 1);
    }
    throw Damaged("a varint of more than 128 bits");
  }
  std::string_view text() {
    uint64_t size = number();
    if (size > in_.size()) throw Damaged("text runs past the end of its row");
    std::string_view out = in_.substr(0, size);
    in_.remove_prefix(size);
    return out;
  }
  std::string_view rest() const { return in_; }

 private:
  uint8_t take() {
    if (in_.empty()) throw Damaged("a row ends too early");
    uint8_t byte = static_cast<uint8_t>(in_.front());
    in_.remove_prefix(1);
    return byte;
  }
  std::string_view in_;
};

}  // namespace lode::store
