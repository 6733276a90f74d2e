#include "admin/retry_batch.h"

#include <memory>
#include <utility>

#include "event/json_edit.h"

namespace lode::admin {

bool RetryBatch::add(uint64_t offset) {
  auto record = records_.find(offset, true);
  if (!record) return false;
  const uint32_t index = batch_.item_count++;
  std::string payload = query::text_of((*record)[3]);
  for (const auto& [pointer, value] : edits_) {
    auto edited = event::edit_json(payload, pointer, value);
    if (!edited) {
      batch_.rejections.push_back({index, {"invalid_pointer", pointer, "The event has no such place."}});
      return true;
    }
    payload = std::move(*edited);
  }
  const bool cloud = query::text_of((*record)[2]) == "cloudevents";
  auto text = std::make_shared<const std::string>(std::move(payload));
  auto contact = std::make_shared<const std::string>(query::text_of((*record)[5]));
  batch_.bodies.push_back(text);
  batch_.bodies.push_back(contact);
  if (decoder_.decode_one(*text, *contact, index, batch_,
                          cloud ? event::Format::cloudevents : event::Format::json))
    batch_.events.back().retry_of = static_cast<int64_t>(offset);
  return true;
}

event::EventBatch RetryBatch::take() { return std::exchange(batch_, event::EventBatch{}); }

}  // namespace lode::admin
