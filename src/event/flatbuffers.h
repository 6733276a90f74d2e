// FlatBuffers events (schema/event.fbs) in and out. Every buffer is verified before it is read.
#pragma once

#include <string>
#include <string_view>

#include "event/event.h"

namespace lode::event {

// Decodes one `Event` root buffer; `contact` is a `Contact` root buffer or empty. The bytes outlive the batch. Appends an
// event, or a rejection with `index` (`invalid_flatbuffer` when the verifier refuses it). Same checks, same content
// hash as the JSON form. True: an event was appended.
bool decode_flatbuffers(std::string_view bytes, std::string_view contact, uint32_t index, const Limits& limits,
                        EventBatch& batch);

// Writes an event (and lines) as FlatBuffers: what clients, the generator and tests use.
std::string encode_flatbuffers(const Event& event, std::span<const Line> lines);

}  // namespace lode::event
