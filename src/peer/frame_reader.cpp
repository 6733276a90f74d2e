#include "peer/frame_reader.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace lode::peer {
namespace {

constexpr size_t kAheadBytes = 64 * 1024;

}  // namespace

FrameReader::FrameReader() : ahead_(std::make_unique_for_overwrite<char[]>(kAheadBytes)) {}

std::span<char> FrameReader::room() {
  if (header_) return {body_.get() + body_filled_, header_->body_bytes - body_filled_};
  if (ahead_from_ > 0) {
    std::memmove(ahead_.get(), ahead_.get() + ahead_from_, ahead_to_ - ahead_from_);
    ahead_to_ -= std::exchange(ahead_from_, 0);
  }
  return {ahead_.get() + ahead_to_, kAheadBytes - ahead_to_};
}

void FrameReader::filled(size_t bytes) {
  if (header_) {
    body_filled_ += bytes;
    assert(body_filled_ <= header_->body_bytes);
  } else {
    ahead_to_ += bytes;
    assert(ahead_to_ <= kAheadBytes);
  }
}

// The read-ahead holds a header: takes it, and what is there of the body.
void FrameReader::start_body() {
  header_ = read_header(ahead());
  if (header_->body_bytes > max_body_) {
    throw BadFrame("a frame has " + std::to_string(header_->body_bytes) + " bytes; at most " +
                   std::to_string(max_body_) + " may come");
  }
  ahead_from_ += kHeaderBytes;
  body_ = std::make_shared_for_overwrite<char[]>(header_->body_bytes);
  body_filled_ = std::min<size_t>(header_->body_bytes, ahead().size());
  std::memcpy(body_.get(), ahead().data(), body_filled_);
  ahead_from_ += body_filled_;
}

std::optional<Frame> FrameReader::next() {
  if (!header_) {
    // Wrong magic is told at once: whoever speaks another protocol may never send a whole header.
    if (ahead().size() < kHeaderBytes) {
      check_magic(ahead());
      return std::nullopt;
    }
    start_body();
  }
  if (body_filled_ < header_->body_bytes) return std::nullopt;
  const std::string_view body(body_.get(), body_filled_);
  if (checksum(body) != header_->checksum) throw BadFrame("a frame's body is damaged");
  const FrameType type = header_->type;
  header_.reset();
  return Frame{type, body, std::exchange(body_, nullptr)};
}

}  // namespace lode::peer
