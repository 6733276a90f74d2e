#include "event/record_decoder.h"

#include "event/flatbuffers.h"

namespace lode::event {

bool RecordDecoder::decode(Format format, std::string_view payload, std::string_view contact, uint32_t index,
                           EventBatch& batch) {
  switch (format) {
    case Format::json:
    case Format::cloudevents:
      return json_.decode_one(payload, contact, index, batch, format);
    case Format::flatbuffers:
      return decode_flatbuffers(payload, contact, index, Limits::unlimited(), batch);
  }
  ++batch.item_count;
  batch.rejections.push_back(
      {index, {"invalid_format", "", "The record's format is none that this version knows."}});
  return false;
}

}  // namespace lode::event
