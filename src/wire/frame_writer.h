// Builds one frame and puts it, with its length, behind what was written before. For .cpp files only
// (generated code).
#pragma once

#include <string>
#include <string_view>

#include "schema/frame_generated.h"

namespace lode::wire {

class FrameWriter {
 public:
  explicit FrameWriter(std::string& out) : out_(out) {}

  flatbuffers::FlatBufferBuilder& builder() { return builder_; }
  // "" is left out of the frame. Text that is not UTF-8 does not get here: codes, pointers and sentences are
  // ours.
  flatbuffers::Offset<flatbuffers::String> text(std::string_view value) {
    if (value.empty()) return 0;
    return builder_.CreateString(value.data(), value.size());
  }
  // Not FinishSizePrefixed: it aligns the length and the frame as one, and a frame read into a place of its
  // own would be off.
  void finish(uint64_t correlation, fb::Body type, flatbuffers::Offset<void> body) {
    builder_.Finish(fb::CreateFrame(builder_, correlation, type, body));
    uint32_t length = builder_.GetSize();
    for (int shift = 0; shift < 32; shift += 8) out_ += static_cast<char>(length >> shift & 0xFF);
    out_.append(reinterpret_cast<const char*>(builder_.GetBufferPointer()), length);
  }

 private:
  flatbuffers::FlatBufferBuilder builder_{1024};
  std::string& out_;
};

}  // namespace lode::wire
