#include "peer/frame.h"

#include <xxhash.h>

#include <memory>

namespace lode::peer {
namespace {

constexpr std::string_view kMagic = "LP";
constexpr uint8_t kBodyVersion = 1;  // of every type, so far
constexpr size_t kCheckedBytes = 12;

uint32_t header_check(std::string_view header) {
  return static_cast<uint32_t>(XXH3_64bits(header.data(), kCheckedBytes));
}

uint64_t body_checksum(const OutFrame& frame) {
  const std::string_view fields = std::string_view(frame.head).substr(kHeaderBytes);
  if (frame.tail.empty()) return checksum(fields);
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), XXH3_freeState);
  XXH3_64bits_reset(state.get());
  XXH3_64bits_update(state.get(), fields.data(), fields.size());
  for (const Bytes& piece : frame.tail) XXH3_64bits_update(state.get(), piece.view.data(), piece.view.size());
  return XXH3_64bits_digest(state.get());
}

bool is_known(uint8_t type) {
  switch (static_cast<FrameType>(type)) {
    case FrameType::hello:
    case FrameType::welcome:
    case FrameType::refusal:
    case FrameType::ping:
    case FrameType::pong:
    case FrameType::request:
    case FrameType::response:
    case FrameType::request_vote:
    case FrameType::request_vote_result:
    case FrameType::append_entries:
    case FrameType::append_entries_result:
    case FrameType::install_snapshot:
    case FrameType::timeout_now:
      return true;
  }
  return false;
}

}  // namespace

size_t OutFrame::bytes() const {
  size_t sum = head.size();
  for (const Bytes& piece : tail) sum += piece.view.size();
  return sum;
}

void seal(OutFrame& frame) {
  const size_t body = frame.bytes() - kHeaderBytes;
  if (body > kMaxBodyBytes) throw std::logic_error("a frame of " + std::to_string(body) + " bytes");
  std::string header;
  header.reserve(kHeaderBytes);
  FieldWriter out(header);
  out.raw(kMagic);
  out.number(static_cast<uint8_t>(frame.type));
  out.number(kBodyVersion);
  out.number(uint32_t{0});  // the group
  out.number(static_cast<uint32_t>(body));
  out.number(header_check(header));
  out.number(body_checksum(frame));
  frame.head.replace(0, kHeaderBytes, header);
}

void check_magic(std::string_view bytes) {
  if (!kMagic.starts_with(bytes.substr(0, kMagic.size())))
    throw BadFrame("what came is not the protocol between nodes");
}

FrameHeader read_header(std::string_view bytes) {
  check_magic(bytes);
  FieldReader in(bytes.substr(0, kHeaderBytes));
  in.raw(kMagic.size());
  const auto type = in.number<uint8_t>();
  const auto version = in.number<uint8_t>();
  const auto group = in.number<uint32_t>();
  const auto body_bytes = in.number<uint32_t>();
  if (in.number<uint32_t>() != header_check(bytes)) throw BadFrame("a frame's header is damaged");
  if (!is_known(type)) throw BadFrame("frame type " + std::to_string(type) + " is unknown");
  if (version != kBodyVersion) {
    throw BadFrame("version " + std::to_string(version) + " of frame type " + std::to_string(type) +
                   " is unknown");
  }
  if (group != 0) throw BadFrame("a frame is for group " + std::to_string(group) + "; there is only group 0");
  return {static_cast<FrameType>(type), body_bytes, in.number<uint64_t>()};
}

uint64_t checksum(std::string_view body) { return XXH3_64bits(body.data(), body.size()); }

}  // namespace lode::peer
