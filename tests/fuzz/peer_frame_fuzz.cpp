// Any bytes as they come from another node, in pieces of any size: frames, and what they hold. A frame that
// is taken is made again and must give the same bytes. The checksums would keep a fuzzer outside, so the
// input is also given to the decoders as a body, its first byte the type.
#include <algorithm>
#include <cstdlib>

#include "peer/call_codec.h"
#include "peer/frame_reader.h"
#include "peer/hello.h"
#include "peer/raft_codec.h"

namespace {

using namespace lode::peer;

std::string body_of(const OutFrame& frame) {
  std::string body = frame.head.substr(kHeaderBytes);
  for (const Bytes& piece : frame.tail) body += piece.view;
  return body;
}

// The greeting may carry more than this program knows; everything else comes back byte for byte.
void decode(const Frame& frame) {
  switch (frame.type) {
    case FrameType::hello:
      decode_hello(frame);
      return;
    case FrameType::welcome:
      decode_welcome(frame);
      return;
    case FrameType::refusal:
      decode_refusal(frame);
      return;
    case FrameType::ping:
    case FrameType::pong:
      return;
    case FrameType::request: {
      const RequestIn in = decode_request(frame);
      if (body_of(encode_request(in.head, in.body)) != frame.body) std::abort();
      return;
    }
    case FrameType::response: {
      const ResponseIn in = decode_response(frame);
      if (body_of(encode_response(in.correlation, in.answer)) != frame.body) std::abort();
      return;
    }
    default:
      if (body_of(encode(decode_message(frame))) != frame.body) std::abort();
  }
}

void read_stream(const uint8_t* data, size_t size) {
  FrameReader reader;
  reader.set_max_body(1 << 20);
  const size_t step = size == 0 ? 1 : 1 + data[size - 1];
  while (size > 0) {
    const auto room = reader.room();
    const size_t part = std::min({step, size, room.size()});
    std::copy_n(data, part, room.data());
    reader.filled(part);
    data += part;
    size -= part;
    while (const auto frame = reader.next()) decode(*frame);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    read_stream(data, size);
  } catch (const BadFrame&) {  // what most inputs are
  }
  if (size == 0) return 0;
  try {
    const auto body = std::make_shared<const std::string>(reinterpret_cast<const char*>(data) + 1, size - 1);
    decode({static_cast<FrameType>(data[0]), *body, body});
  } catch (const BadFrame&) {
  }
  return 0;
}
