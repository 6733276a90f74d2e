// The root of a FlatBuffers buffer that may lie anywhere and hold anything. For this folder's .cpp files: it
// brings FlatBuffers' own header.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <cstring>
#include <string_view>

#include "event/arena.h"

namespace lode::event {

// Null: the verifier refuses it. Buffers come from the middle of frames and batches, and their integers are
// read where they lie: one at an odd address is copied into `arena`. The root lives as long as both.
template <typename Root>
const Root* flatbuffers_root(std::string_view bytes, Arena& arena) {
  constexpr uintptr_t kAlign = 8;
  if (bytes.size() < sizeof(flatbuffers::uoffset_t)) return nullptr;
  const char* data = bytes.data();
  if (reinterpret_cast<uintptr_t>(data) % kAlign != 0) {
    char* copy = arena.allocate(bytes.size() + kAlign);
    copy += (kAlign - reinterpret_cast<uintptr_t>(copy) % kAlign) % kAlign;
    std::memcpy(copy, data, bytes.size());
    data = copy;
  }
  const auto* begin = reinterpret_cast<const uint8_t*>(data);
  flatbuffers::Verifier verifier(begin, bytes.size());
  return verifier.VerifyBuffer<Root>(nullptr) ? flatbuffers::GetRoot<Root>(begin) : nullptr;
}

}  // namespace lode::event
