// Any bytes as a checkpoint: one that is read as it was written, or nothing.
#include <cstdint>
#include <string>
#include <string_view>

#include "event_invariants.h"
#include "store/state.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lode;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto checkpoint = store::decode_checkpoint(bytes);
  if (!checkpoint) return 0;
  const std::string encoded = store::encode_checkpoint(*checkpoint);
  fuzz::require(encoded.size() <= size, "no longer than what was read");
  fuzz::require(store::decode_checkpoint(encoded) == checkpoint, "a checkpoint is read as it was written");
  return 0;
}
