// The frame of an append while it is being built.
#pragma once

#include <vector>

#include "lode/client.h"
#include "schema/frame_generated.h"

namespace lode::client {

struct Batch::Impl {
  flatbuffers::FlatBufferBuilder builder{64 * 1024};
  std::vector<flatbuffers::Offset<fb::Item>> items;
};

}  // namespace lode::client
