#include <cstdint>

#include "event/flatbuffers.h"
#include "event_invariants.h"

// The first byte says how many bytes at the end are the contact part.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  size_t contact_bytes = std::min<size_t>(data[0], size - 1);
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  lode::event::EventBatch batch;
  lode::event::decode_flatbuffers(bytes.substr(0, bytes.size() - contact_bytes),
                                  bytes.substr(bytes.size() - contact_bytes), 0, {}, batch);
  lode::fuzz::check_batch(batch);
  return 0;
}
