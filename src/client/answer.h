// Answers in frames, as the public header's structures. Every frame is verified before it is read.
#pragma once

#include <optional>
#include <string_view>

#include "lode/client.h"
#include "schema/frame_generated.h"

namespace lode::client {

// Throws ConnectionLost when the bytes are no frame.
const fb::Frame& verified(std::string_view bytes);

std::optional<Error> error_of(const fb::Frame& frame);
AppendResult append_result(const fb::Frame& frame);
FetchResult fetch_result(const fb::Frame& frame);

}  // namespace lode::client
