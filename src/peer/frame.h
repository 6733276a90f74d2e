// A frame between nodes: a header of 24 bytes and a body (FORMAT.md). Pure; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "peer/bytes.h"
#include "peer/fields.h"

namespace lode::peer {

enum class FrameType : uint8_t {
  hello = 1,
  welcome = 2,
  refusal = 3,
  ping = 4,
  pong = 5,
  request = 16,
  response = 17,
  request_vote = 32,
  request_vote_result = 33,
  append_entries = 34,
  append_entries_result = 35,
  install_snapshot = 36,
  timeout_now = 37,
};

inline constexpr size_t kHeaderBytes = 24;
inline constexpr size_t kMaxBodyBytes = 64u << 20;
inline constexpr size_t kMaxGreetingBytes = 4096;  // a body's most bytes until the two sides know each other

// A frame that came in. `body` lies in memory that `owner` keeps; what is decoded from it may point there.
struct Frame {
  FrameType type = FrameType::hello;
  std::string_view body;
  std::shared_ptr<const void> owner;
};

// A frame on its way out: `head` is room for the header and the fields of the body, `tail` the rest of the
// body, which is never copied. seal() makes it ready; until then the header is not there.
struct OutFrame {
  explicit OutFrame(FrameType frame_type) : type(frame_type), head(kHeaderBytes, '\0') {}

  FrameType type;
  std::string head;
  std::vector<Bytes> tail;

  size_t bytes() const;
};

// Writes the header: length and checksums. The body must be within kMaxBodyBytes.
void seal(OutFrame& frame);

struct FrameHeader {
  FrameType type = FrameType::hello;
  uint32_t body_bytes = 0;
  uint64_t checksum = 0;
};

// Throws BadFrame for what is no header, is damaged, or is of a newer version; knows no bound of the length.
FrameHeader read_header(std::string_view bytes);
// Throws BadFrame when the first bytes, however few, already show that they begin no header.
void check_magic(std::string_view bytes);
uint64_t checksum(std::string_view body);

}  // namespace lode::peer
