// The fields of a frame's body: little-endian numbers and texts, one after the other. Pure; no thread of its
// own.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace lode::peer {

static_assert(std::endian::native == std::endian::little);

// Bytes that are no frame. The connection that they came on is of no more use.
class BadFrame : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class FieldWriter {
 public:
  explicit FieldWriter(std::string& out) : out_(out) {}

  template <std::unsigned_integral T>
  void number(T value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void flag(bool value) { number<uint8_t>(value ? 1 : 0); }
  void zeros(size_t count) { out_.append(count, '\0'); }
  void raw(std::string_view bytes) { out_.append(bytes); }
  // Two bytes of length, then the bytes. What is longer than `most` is cut: texts are for people.
  void text(std::string_view bytes, size_t most) {
    bytes = bytes.substr(0, most);
    number(static_cast<uint16_t>(bytes.size()));
    out_.append(bytes);
  }

 private:
  std::string& out_;
};

// Throws BadFrame when a field is not all there or holds what it may not.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : rest_(bytes) {}

  template <std::unsigned_integral T>
  T number() {
    T value;
    std::memcpy(&value, raw(sizeof value).data(), sizeof value);
    return value;
  }
  bool flag() {
    const auto value = number<uint8_t>();
    if (value > 1) throw BadFrame("a flag is neither 0 nor 1");
    return value == 1;
  }
  void zeros(size_t count) {
    if (raw(count).find_first_not_of('\0') != std::string_view::npos)
      throw BadFrame("reserved bytes are not 0");
  }
  std::string_view raw(size_t count) {
    if (count > rest_.size()) throw BadFrame("a field goes past the frame's end");
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }
  std::string_view text(size_t most) {
    const auto length = number<uint16_t>();
    if (length > most) throw BadFrame("a text is longer than it may be");
    return raw(length);
  }
  std::string_view rest() { return std::exchange(rest_, {}); }
  size_t left() const { return rest_.size(); }
  void end() const {
    if (!rest_.empty()) throw BadFrame("bytes are left behind the last field");
  }

 private:
  std::string_view rest_;
};

}  // namespace lode::peer
