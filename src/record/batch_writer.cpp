#include <flatbuffers/flatbuffers.h>
#include <zstd.h>

#include <algorithm>
#include <stdexcept>

#include "record/batch.h"
#include "record/header.h"
#include "schema/record_generated.h"

namespace lode::record {
namespace {

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
  std::string payloads, contacts;
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
    any_retry = false;
    builder.Clear();
  }

  uint64_t bytes() const { return payloads.size() + contacts.size() + formats.size() * 17; }

  // FlatBuffers are built back to front: the payloads, written first, end up last.
  void build(event::Micros receive_time, const Origin& origin) {
    const auto payload_bytes = builder.CreateVector(bytes_of(payloads), payloads.size());
    flatbuffers::Offset<flatbuffers::Vector<uint8_t>> contact_bytes;
    flatbuffers::Offset<flatbuffers::Vector<uint32_t>> contact_end_vector;
    flatbuffers::Offset<flatbuffers::Vector<int64_t>> retry_vector;
    if (!contacts.empty()) {
      contact_bytes = builder.CreateVector(bytes_of(contacts), contacts.size());
      contact_end_vector = builder.CreateVector(contact_ends);
    }
    if (any_retry) retry_vector = builder.CreateVector(retry_of);
    const auto payload_end_vector = builder.CreateVector(payload_ends);
    const auto format_vector = builder.CreateVector(formats);
    fb::FinishRecordBatchBuffer(
        builder,
        fb::CreateRecordBatch(builder, receive_time.value, format_vector, payload_end_vector, payload_bytes,
                              contact_end_vector, contact_bytes, retry_vector, origin.node, origin.sequence));
  }
};

BatchWriter::BatchWriter(int zstd_level) : impl_(std::make_unique<Impl>()) {
  if (!impl_->zstd) throw std::bad_alloc();
  require(ZSTD_CCtx_setParameter(impl_->zstd.get(), ZSTD_c_compressionLevel, zstd_level), "zstd level");
}
BatchWriter::~BatchWriter() = default;
BatchWriter::BatchWriter(BatchWriter&&) noexcept = default;

void BatchWriter::add(const event::Event& event) {
  Impl& to = *impl_;
  if (to.bytes() + event.payload.size() + event.contact.size() + 1024 > kMaxEnvelopeBytes) {
    throw std::length_error("record batch: more than " + std::to_string(kMaxEnvelopeBytes) + " bytes");
  }
  to.payloads.append(event.payload);
  to.contacts.append(event.contact);
  to.formats.push_back(static_cast<uint8_t>(event.format));
  to.payload_ends.push_back(static_cast<uint32_t>(to.payloads.size()));
  to.contact_ends.push_back(static_cast<uint32_t>(to.contacts.size()));
  to.retry_of.push_back(event.retry_of);
  to.any_retry |= event.retry_of != -1;
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
  write_header(out, kHeaderBytes + body_bytes, static_cast<uint32_t>(envelope_bytes));
  from.clear();
  return {out, kHeaderBytes + body_bytes};
}

}  // namespace lode::record
