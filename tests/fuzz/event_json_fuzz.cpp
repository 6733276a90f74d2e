#include <cstdint>

#include "event/json.h"
#include "event_invariants.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto body = std::make_shared<const std::string>(reinterpret_cast<const char*>(data), size);
  lode::event::JsonDecoder decoder;
  lode::event::EventBatch batch;
  decoder.decode_json(body, batch);
  lode::fuzz::check_batch(batch);
  return 0;
}
