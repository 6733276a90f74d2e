// FlatBuffers events (schema/event.fbs) in and out. Every buffer is verified before it is read.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "event/event.h"

namespace lode::event {

// Decodes one `Event` root buffer; `contact` is a `Contact` root buffer or empty. The bytes outlive the
// batch. Appends an event, or a rejection with `index` (`invalid_flatbuffer` when the verifier refuses it).
// Same checks, same content hash as the JSON form. True: an event was appended.
bool decode_flatbuffers(std::string_view bytes, std::string_view contact, uint32_t index,
                        const Limits& limits, EventBatch& batch);

// What an Event doesn't hold but its buffer does. `json` is an object of further members, "" for none.
struct FlatbuffersExtra {
  std::span<const std::pair<std::string_view, std::string_view>> attributes;
  std::string_view json;
};

// Writes an event (and lines) as FlatBuffers: what clients, the generator and tests use. Contact data is not
// in it.
std::string encode_flatbuffers(const Event& event, std::span<const Line> lines, FlatbuffersExtra extra = {});

struct ContactFields {
  std::string_view email, name, phone, address;
};
std::string encode_contact(const ContactFields& contact);

}  // namespace lode::event
