// Bytes as they come from a socket, made into frames. Small frames are copied out of a read-ahead buffer; a
// large one is received straight into memory of its own, which its Frame owns. One thread at a time.
#pragma once

#include <optional>
#include <span>

#include "peer/frame.h"

namespace lode::peer {

class FrameReader {
 public:
  FrameReader();

  // Where the next bytes go; never empty after next() said nothing.
  std::span<char> room();
  void filled(size_t bytes);

  // The next whole frame, checksum verified. Throws BadFrame; after that the reader is of no use.
  std::optional<Frame> next();

  // From the next header on, a longer body is a BadFrame. At first kMaxGreetingBytes.
  void set_max_body(size_t bytes) { max_body_ = bytes; }

 private:
  std::string_view ahead() const { return {ahead_.get() + ahead_from_, ahead_to_ - ahead_from_}; }
  void start_body();

  size_t max_body_ = kMaxGreetingBytes;
  std::unique_ptr<char[]> ahead_;
  size_t ahead_from_ = 0, ahead_to_ = 0;
  std::optional<FrameHeader> header_;  // of the frame whose body is coming
  std::shared_ptr<char[]> body_;
  size_t body_filled_ = 0;
};

}  // namespace lode::peer
