// Any bytes as a TCP frame: verified, decoded into a batch, every view of it within reach.
#include <cstdlib>

#include "schema/frame_generated.h"
#include "wire/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lode;
  static event::JsonDecoder json;
  auto body = std::make_shared<std::string>(reinterpret_cast<const char*>(data), size);
  const fb::Frame* frame = wire::verify_frame(*body);
  if (!frame || !frame->body_as_Append()) return 0;
  ingest::Request write;
  if (wire::decode_append(*frame->body_as_Append(), body, {}, json, write)) return 0;
  const event::EventBatch& batch = write.batch;
  if (batch.events.size() + batch.rejections.size() != batch.item_count) std::abort();
  uint8_t sum = 0;
  for (const auto& event : batch.events) {
    for (std::string_view text : {event.event_id, event.payload, event.contact, event.order_id}) {
      for (char c : text) sum = static_cast<uint8_t>(sum + static_cast<uint8_t>(c));
    }
    for (const auto& line : batch.lines_of(event)) sum = static_cast<uint8_t>(sum + line.sku.size());
  }
  volatile uint8_t sink = sum;
  static_cast<void>(sink);
  return 0;
}
