#include <flatbuffers/flatbuffers.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "record/batch.h"
#include "record/header.h"
#include "schema/record_generated.h"

namespace lode::record {
namespace {

constexpr uint8_t kGapFormat = 4;
constexpr size_t kFirstBufferBytes = 512 * 1024;

void require(size_t zstd_result, const char* what) {
  if (ZSTD_isError(zstd_result)) {
    throw std::runtime_error(std::string(what) + ": " + ZSTD_getErrorName(zstd_result));
  }
}

const uint8_t* bytes_of(const std::string& text) { return reinterpret_cast<const uint8_t*>(text.data()); }

}  // namespace

// Everything that grows is kept from batch to batch, so that a warm writer allocates only its result.
struct BatchWriter::Impl {
  std::vector<uint8_t> formats;
  std::vector<uint32_t> payload_ends, contact_ends;
  std::vector<int64_t> retry_of;
  std::string payloads, contacts, gap_keys;
  bool any_retry = false;
  flatbuffers::FlatBufferBuilder builder{kFirstBufferBytes};
  std::string compressed;
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> zstd{ZSTD_createCCtx(), &ZSTD_freeCCtx};

  void clear() {
    formats.clear();
    payload_ends.clear();
    contact_ends.clear();
    retry_of.clear();
    payloads.clear();
    contacts.clear();
    gap_keys.clear();
    any_retry = false;
    builder.Clear();
  }

  void add_keys(const GapKeys& gap) {
    char bytes[20];
    std::memcpy(bytes, &gap.key_high, 8);
    std::memcpy(bytes + 8, &gap.key_low, 4);
    std::memcpy(bytes + 12, &gap.content, 8);
    gap_keys.append(bytes, sizeof bytes);
  }

  uint64_t bytes() const { return payloads.size() + contacts.size() + formats.size() * 17; }

  // FlatBuffers are built back to front: the payloads, written first, end up last.
  void build(event::Micros receive_time, const Origin& origin) {
    const auto payload_bytes = builder.CreateVector(bytes_of(payloads), payloads.size());
    flatbuffers::Offset<flatbuffers::Vector<uint8_t>> contact_bytes;
    flatbuffers::Offset<flatbuffers::Vector<uint32_t>> contact_end_vector;
    flatbuffers::Offset<flatbuffers::Vector<int64_t>> retry_vector;
    flatbuffers::Offset<flatbuffers::Vector<uint8_t>> gap_vector;
    if (!gap_keys.empty()) gap_vector = builder.CreateVector(bytes_of(gap_keys), gap_keys.size());
    if (!contacts.empty()) {
      contact_bytes = builder.CreateVector(bytes_of(contacts), contacts.size());
      contact_end_vector = builder.CreateVector(contact_ends);
    }
    if (any_retry) retry_vector = builder.CreateVector(retry_of);
    const auto payload_end_vector = builder.CreateVector(payload_ends);
    const auto format_vector = builder.CreateVector(formats);
    fb::FinishRecordBatchBuffer(
        builder, fb::CreateRecordBatch(builder, receive_time.value, format_vector, payload_end_vector,
                                       payload_bytes, contact_end_vector, contact_bytes, retry_vector,
                                       origin.node, origin.sequence, gap_vector));
  }
};

BatchWriter::BatchWriter(int zstd_level) : impl_(std::make_unique<Impl>()) {
  if (!impl_->zstd) throw std::bad_alloc();
  require(ZSTD_CCtx_setParameter(impl_->zstd.get(), ZSTD_c_compressionLevel, zstd_level), "zstd level");
}
BatchWriter::~BatchWriter() = default;
BatchWriter::BatchWriter(BatchWriter&&) noexcept = default;

void BatchWriter::add(const event::Event& event) {
  add(RecordView{event.format, event.payload, event.contact, event.retry_of, {}});
}

void BatchWriter::add(const RecordView& record) {
  Impl& to = *impl_;
  if (to.bytes() + record.payload.size() + record.contact.size() + 1024 > kMaxEnvelopeBytes) {
    throw std::length_error("record batch: more than " + std::to_string(kMaxEnvelopeBytes) + " bytes");
  }
  to.payloads.append(record.payload);
  to.contacts.append(record.contact);
  to.formats.push_back(record.gap ? kGapFormat : static_cast<uint8_t>(record.format));
  if (record.gap) to.add_keys(*record.gap);
  to.payload_ends.push_back(static_cast<uint32_t>(to.payloads.size()));
  to.contact_ends.push_back(static_cast<uint32_t>(to.contacts.size()));
  to.retry_of.push_back(record.retry_of);
  to.any_retry |= record.retry_of != -1;
}

uint32_t BatchWriter::count() const { return static_cast<uint32_t>(impl_->formats.size()); }
uint64_t BatchWriter::bytes() const { return impl_->bytes(); }

std::string BatchWriter::encode(event::Micros receive_time, const std::optional<Origin>& origin) {
  Impl& from = *impl_;
  from.build(receive_time, origin.value_or(Origin{}));
  const size_t envelope_bytes = from.builder.GetSize();
  const size_t bound = kHeaderBytes + ZSTD_compressBound(envelope_bytes);
  if (from.compressed.size() < bound) from.compressed.resize(bound);
  char* out = from.compressed.data();
  const size_t body_bytes =
      ZSTD_compress2(from.zstd.get(), out + kHeaderBytes, from.compressed.size() - kHeaderBytes,
                     from.builder.GetBufferPointer(), envelope_bytes);
  require(body_bytes, "zstd");
  const uint8_t version = from.gap_keys.empty() ? kFirstVersion : kFormatVersion;
  write_header(out, kHeaderBytes + body_bytes, static_cast<uint32_t>(envelope_bytes), {version, false});
  from.clear();
  return {out, kHeaderBytes + body_bytes};
}

std::string BatchWriter::encode_plain(event::Micros receive_time, const std::optional<Origin>& origin) {
  Impl& from = *impl_;
  from.build(receive_time, origin.value_or(Origin{}));
  std::string out(kHeaderBytes, '\0');
  out.append(reinterpret_cast<const char*>(from.builder.GetBufferPointer()), from.builder.GetSize());
  write_header(out.data(), out.size(), from.builder.GetSize(), {kFormatVersion, true});
  from.clear();
  return out;
}

}  // namespace lode::record
