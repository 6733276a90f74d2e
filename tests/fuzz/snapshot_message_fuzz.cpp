// Any bytes as a request for a part of a snapshot, as the answer to one, and as a piece: what is taken is
// made again and gives the same bytes, and no name of a file leads out of its folder.
#include <cstdint>
#include <string>
#include <string_view>

#include "event_invariants.h"
#include "peer/fields.h"
#include "snapshot/message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lode;
  using fuzz::require;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  try {
    const snapshot::Request request = snapshot::decode_request(body);
    require(snapshot::encode(request) == body, "a request is written as it was read");
    if (const auto* read = std::get_if<snapshot::Read>(&request))
      require(read->length >= 1 && read->length <= snapshot::kMaxPieceBytes, "a piece has its bounds");
  } catch (const peer::BadFrame&) {
  }
  try {
    const snapshot::Opened opened = snapshot::decode_opened(body);
    require(snapshot::encode(opened) == body, "an answer is written as it was read");
    if (const auto* manifest = std::get_if<snapshot::Manifest>(&opened)) {
      for (const auto& file : manifest->files)
        require(file.name.find('/') == std::string::npos && file.name.front() != '.', "a name is no path");
      require(manifest->bytes() <= static_cast<uint64_t>(INT64_MAX), "sizes add up");
    }
  } catch (const peer::BadFrame&) {
  }
  const auto length = static_cast<uint32_t>(size < snapshot::kPieceHead ? 0 : size - snapshot::kPieceHead);
  if (const auto piece = snapshot::open_piece(body, length))
    require(piece->size() == length, "a piece has the length that was asked for");
  return 0;
}
