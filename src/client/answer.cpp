#include "client/answer.h"

namespace lode::client {
namespace {

std::string text(const flatbuffers::String* from) { return from ? from->str() : std::string(); }

std::string bytes(const flatbuffers::Vector<uint8_t>* from) {
  return from ? std::string(reinterpret_cast<const char*>(from->data()), from->size()) : std::string();
}

}  // namespace

const fb::Frame& verified(std::string_view frame) {
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(frame.data()), frame.size(), 64,
                                 10'000'000);
  if (!fb::VerifyFrameBuffer(verifier)) throw ConnectionLost("the server sent what is not a frame");
  return *fb::GetFrame(frame.data());
}

std::optional<Error> error_of(const fb::Frame& frame) {
  const fb::Error* error = frame.body_as_Error();
  if (!error) return std::nullopt;
  return Error{error->status(), text(error->code()), text(error->pointer()), text(error->detail()),
               error->retry_after_seconds()};
}

AppendResult append_result(const fb::Frame& frame) {
  AppendResult out;
  out.error = error_of(frame);
  if (out.error) return out;
  const fb::AppendResult* result = frame.body_as_AppendResult();
  if (!result) throw ConnectionLost("the server's answer is of another kind than the request");
  out.accepted = result->accepted();
  out.duplicates = result->duplicates();
  out.rejected = result->rejected();
  out.first_offset = result->first_offset();
  out.last_offset = result->last_offset();
  if (!result->results()) return out;
  for (const fb::ItemResult* item : *result->results()) {
    out.results.push_back({item->index(), static_cast<ItemResult::Status>(item->status()), item->offset(),
                           text(item->code()), text(item->pointer()), text(item->detail())});
  }
  return out;
}

FetchResult fetch_result(const fb::Frame& frame) {
  FetchResult out;
  out.error = error_of(frame);
  if (out.error) return out;
  const fb::FetchResult* result = frame.body_as_FetchResult();
  if (!result) throw ConnectionLost("the server's answer is of another kind than the request");
  out.next = result->next();
  out.applied_offset = result->applied_offset();
  if (result->gaps())
    for (const fb::Gap* gap : *result->gaps()) out.gaps.push_back({gap->from(), gap->to()});
  if (!result->records()) return out;
  for (const fb::Record* record : *result->records()) {
    out.records.push_back({record->offset(), record->received_at(), static_cast<Format>(record->format()),
                           bytes(record->payload()), bytes(record->contact()), record->retry_of()});
  }
  return out;
}

}  // namespace lode::client
