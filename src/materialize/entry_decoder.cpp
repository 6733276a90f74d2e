#include "materialize/entry_decoder.h"

#include "record/batch.h"

namespace lode::materialize {

std::unique_ptr<DecodedEntry> EntryDecoder::decode(record::EntryIndex index, log::EntryType type,
                                                   std::string_view payload) {
  auto out = std::make_unique<DecodedEntry>();
  out->entry.index = index;
  if (type == log::EntryType::control)
    out->entry.control = std::make_shared<const record::Control>(record::Control::decode(payload));
  if (type != log::EntryType::batch) return out;
  record::RecordBatch batch = record::RecordBatch::decode(payload);
  out->entry.receive_time = batch.receive_time();
  out->batch.bodies.push_back(batch.buffer());
  out->batch.events.reserve(batch.count());
  out->batch.indexes.reserve(batch.count());
  out->batch.lines.reserve(batch.count());
  out->keys.reserve(batch.count());
  for (uint32_t i = 0; i < batch.count(); ++i) {
    const record::RecordView& view = batch[i];
    if (!decoder_.decode(view.format, view.payload, view.contact, i, out->batch))
      throw record::Corruption("entry " + std::to_string(index.value) + ", record " + std::to_string(i) +
                               ": " + out->batch.rejections.back().problem.detail);
    event::Event& event = out->batch.events.back();
    event.retry_of = view.retry_of;
    if (view.gap) event.content_hash = view.gap->content;
    out->keys.push_back(view.gap ? store::Hash96{view.gap->key_high, view.gap->key_low}
                                 : sequence::hash_key(hasher_, event));
  }
  if (batch.count() > 0) out->entry.slices.push_back({&out->batch, out->keys.data(), 0, batch.count()});
  return out;
}

}  // namespace lode::materialize
