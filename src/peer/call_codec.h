// Requests and their answers as frames (FORMAT.md). Pure; any thread.
#pragma once

#include "peer/call.h"
#include "peer/frame.h"

namespace lode::peer {

struct RequestHead {
  uint64_t correlation = 0;
  uint32_t timeout_ms = 0;
  uint8_t kind = 0;
};

OutFrame encode_request(const RequestHead& head, Bytes body);
OutFrame encode_response(uint64_t correlation, Answer answer);

struct RequestIn {
  RequestHead head;
  Bytes body;  // shares the frame's memory
};
struct ResponseIn {
  uint64_t correlation = 0;
  Answer answer;  // ok, failed or unhandled; the body shares the frame's memory
};

// Both throw BadFrame.
RequestIn decode_request(const Frame& frame);
ResponseIn decode_response(const Frame& frame);

}  // namespace lode::peer
