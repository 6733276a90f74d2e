#include "wire/frame.h"

#include <cstring>

#include "event/flatbuffers.h"
#include "schema/frame_generated.h"
#include "wire/frame_writer.h"

namespace lode::wire {
namespace {

constexpr size_t kVerifierDepth = 16;
constexpr std::string_view kServerName = "lode";

std::string_view bytes_of(const flatbuffers::Vector<uint8_t>* vector) {
  if (!vector) return {};
  return {reinterpret_cast<const char*>(vector->data()), vector->size()};
}

// A table's 64-bit fields are read in place, so a nested buffer has to lie on their alignment: most do, the
// others are copied.
std::string_view aligned(std::string_view bytes, event::Arena& arena) {
  constexpr size_t kAlignment = 8;
  if (bytes.empty() || reinterpret_cast<uintptr_t>(bytes.data()) % kAlignment == 0) return bytes;
  char* room = arena.allocate(bytes.size() + kAlignment);
  room += (kAlignment - reinterpret_cast<uintptr_t>(room) % kAlignment) % kAlignment;
  std::memcpy(room, bytes.data(), bytes.size());
  return {room, bytes.size()};
}

void reject(event::EventBatch& batch, uint32_t index, std::string_view code, std::string detail) {
  batch.rejections.push_back({index, {std::string(code), "", std::move(detail)}});
}

void decode_item(const fb::Item& item, uint32_t index, const event::Limits& limits, event::JsonDecoder& json,
                 event::EventBatch& batch) {
  std::string_view bytes = bytes_of(item.event());
  std::string_view contact = bytes_of(item.contact());
  if (bytes.size() + contact.size() > limits.event_bytes) {
    return reject(batch, index, "too_large",
                  "Keep an event within " + std::to_string(limits.event_bytes) + " bytes.");
  }
  switch (static_cast<event::Format>(item.format())) {
    case event::Format::json:
    case event::Format::cloudevents:
      if (!contact.empty()) {
        return reject(batch, index, "invalid_frame",
                      "Only FlatBuffers items have a contact part of their own.");
      }
      json.decode_one(bytes, {}, index, batch, static_cast<event::Format>(item.format()));
      return;
    case event::Format::flatbuffers:
      event::decode_flatbuffers(aligned(bytes, batch.arena), aligned(contact, batch.arena), index, limits,
                                batch);
      return;
  }
  reject(batch, index, "invalid_frame",
         "An item's format is 1 (JSON), 2 (FlatBuffers) or 3 (CloudEvents JSON).");
}

}  // namespace

uint32_t read_frame_length(const char* bytes) {
  uint32_t length = 0;
  for (size_t i = 0; i < kFrameLengthBytes; ++i)
    length |= uint32_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  return length;
}

const fb::Frame* verify_frame(std::string_view bytes) {
  constexpr flatbuffers::uoffset_t kTables = 1'000'000;
  if (bytes.size() < 8) return nullptr;
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), kVerifierDepth,
                                 kTables);
  if (!fb::VerifyFrameBuffer(verifier)) return nullptr;
  const fb::Frame* frame = fb::GetFrame(bytes.data());
  return frame->body() ? frame : nullptr;
}

std::optional<event::Problem> check_hello(uint32_t version) {
  if (version == kFrameVersion) return std::nullopt;
  return event::Problem{"unsupported_version", "/version",
                        "This server speaks version " + std::to_string(kFrameVersion) + " of the protocol."};
}

std::optional<query::Failure> decode_append(const fb::Append& append, std::shared_ptr<const std::string> body,
                                            const event::Limits& limits, event::JsonDecoder& json,
                                            ingest::Request& write) {
  write.ack = append.ack_committed() ? ingest::Ack::committed : ingest::Ack::applied;
  write.all_results = append.all_results();
  event::EventBatch& batch = write.batch;
  uint32_t count = append.items() ? append.items()->size() : 0;
  if (count > limits.events_per_request) {
    return query::Failure{413,
                          {"too_many_events", "/items",
                           "Send at most " + std::to_string(limits.events_per_request) + " events a frame."}};
  }
  batch.bodies.push_back(std::move(body));
  batch.events.reserve(count);
  for (uint32_t i = 0; i < count; ++i) decode_item(*append.items()->Get(i), i, limits, json, batch);
  batch.item_count = count;
  return std::nullopt;
}

void write_hello_result(uint64_t correlation, uint32_t max_frame_bytes, std::string& out) {
  FrameWriter writer(out);
  auto server = writer.text(kServerName);
  writer.finish(correlation, fb::Body::HelloResult,
                fb::CreateHelloResult(writer.builder(), kFrameVersion, server, max_frame_bytes).Union());
}

void write_append_result(uint64_t correlation, const ingest::Answer& answer, std::string& out) {
  if (answer.refusal) {
    return write_error(correlation, answer.refusal->status, answer.refusal->problem,
                       answer.refusal->retry_after_seconds, out);
  }
  FrameWriter writer(out);
  auto& builder = writer.builder();
  const ingest::WriteResult& result = answer.result;
  std::vector<flatbuffers::Offset<fb::ItemResult>> items;
  items.reserve(result.results.size());
  for (const auto& item : result.results) {
    auto code = writer.text(item.problem.code);
    auto pointer = writer.text(item.problem.pointer);
    auto detail = writer.text(item.problem.detail);
    items.push_back(fb::CreateItemResult(builder, item.index, static_cast<fb::ItemStatus>(item.status),
                                         item.offset, code, pointer, detail));
  }
  auto results = builder.CreateVector(items);
  writer.finish(correlation, fb::Body::AppendResult,
                fb::CreateAppendResult(builder, result.accepted, result.duplicates, result.rejected,
                                       result.first_offset, result.last_offset, results)
                    .Union());
}

void write_error(uint64_t correlation, int status, const event::Problem& problem,
                 uint32_t retry_after_seconds, std::string& out, std::string_view leader) {
  FrameWriter writer(out);
  auto code = writer.text(problem.code);
  auto pointer = writer.text(problem.pointer);
  auto detail = writer.text(problem.detail);
  auto leads = writer.text(leader);
  writer.finish(correlation, fb::Body::Error,
                fb::CreateError(writer.builder(), static_cast<uint16_t>(status), code, pointer, detail,
                                retry_after_seconds, leads)
                    .Union());
}

}  // namespace lode::wire
