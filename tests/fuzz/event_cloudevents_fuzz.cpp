#include <cstdint>

#include "event/cloudevents.h"
#include "event/json.h"
#include "event_invariants.h"

// The bytes as a structured body, and as the data (and one attribute) of a request in binary mode.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lode::event;
  auto body = std::make_shared<const std::string>(reinterpret_cast<const char*>(data), size);
  JsonDecoder decoder;
  EventBatch batch;
  decoder.decode_json(body, batch, Format::cloudevents);

  std::string_view text(*body);
  const Header headers[] = {{"ce-specversion", "1.0"},
                            {"ce-id", text.substr(0, 20)},
                            {"ce-time", "2010-12-01T08:26:00Z"},
                            {"ce-type", "com.example.purchase"}};
  std::string structured;
  if (!write_structured(headers, text, structured)) {
    uint32_t before = batch.item_count;
    bool split =
        !decoder.decode_json(std::make_shared<const std::string>(structured), batch, Format::cloudevents);
    lode::fuzz::require(split && batch.item_count == before + 1, "binary mode makes one event");
  }
  lode::fuzz::check_batch(batch);
  return 0;
}
