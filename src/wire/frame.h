// Frames of the TCP protocol (schema/frame.fbs): parsing, checking, writing. Every frame is verified before
// it is read. Pure; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "event/json.h"
#include "event/problem.h"
#include "ingest/ingest.h"
#include "query/result.h"

namespace lode::fb {
struct Frame;
struct Append;
}  // namespace lode::fb

namespace lode::wire {

constexpr uint32_t kFrameVersion = 1;
constexpr size_t kFrameLengthBytes = 4;

// Little-endian length in front of each frame.
uint32_t read_frame_length(const char* bytes);

// The verified root, null when the bytes are no frame. Points into `bytes`.
const fb::Frame* verify_frame(std::string_view bytes);

// A client's Hello is taken when its version is ours; else why not.
std::optional<event::Problem> check_hello(uint32_t version);

// Fills `write` from an Append; `body` is the frame that `append` points into and becomes the batch's body.
// An answer: the whole frame is refused.
std::optional<query::Failure> decode_append(const fb::Append& append, std::shared_ptr<const std::string> body,
                                            const event::Limits& limits, event::JsonDecoder& json,
                                            ingest::Request& write);

// Each writes one whole frame, with its length, behind what `out` holds.
void write_hello_result(uint64_t correlation, uint32_t max_frame_bytes, std::string& out);
void write_append_result(uint64_t correlation, const ingest::Answer& answer, std::string& out);
void write_error(uint64_t correlation, int status, const event::Problem& problem,
                 uint32_t retry_after_seconds, std::string& out, std::string_view leader = "");

}  // namespace lode::wire
