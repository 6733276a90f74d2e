// The JSON form of FlatBuffers events and contacts: for people and tools that read the log.
#pragma once

#include <string>
#include <string_view>

namespace lode::event {

// `bytes` is an Event root buffer as the log holds it; "null" when the verifier refuses it. The result has
// the same content hash as the buffer.
std::string event_json_of_flatbuffers(std::string_view bytes);
std::string contact_json_of_flatbuffers(std::string_view bytes);

}  // namespace lode::event
