#include "record/batch.h"

#include <flatbuffers/flatbuffers.h>
#include <zstd.h>

#include <cstring>

#include "record/header.h"
#include "schema/record_generated.h"

namespace lode::record {
namespace {

constexpr size_t kPaddingBytes = 64;  // readable zeros behind the envelope, for vectorized parsers

[[noreturn]] void corrupt(const char* what) { throw Corruption(std::string("record batch: ") + what); }

ZSTD_DCtx* context_of_this_thread() {
  thread_local std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context{ZSTD_createDCtx(),
                                                                            &ZSTD_freeDCtx};
  if (!context) throw std::bad_alloc();
  return context.get();
}

std::shared_ptr<const std::string> decompress(const Header& header) {
  if (header.form.plain) {
    if (header.body.size() != header.envelope_bytes)
      corrupt("the body's length is not the one in the header");
    auto copy = std::make_shared<std::string>();
    copy->reserve(header.envelope_bytes + kPaddingBytes);
    copy->append(header.body).append(kPaddingBytes, '\0');
    return copy;
  }
  if (ZSTD_getFrameContentSize(header.body.data(), header.body.size()) != header.envelope_bytes) {
    corrupt("the body's length is not the one in the header");
  }
  auto buffer = std::make_shared<std::string>(header.envelope_bytes + kPaddingBytes, '\0');
  const size_t bytes = ZSTD_decompressDCtx(context_of_this_thread(), buffer->data(), header.envelope_bytes,
                                           header.body.data(), header.body.size());
  if (ZSTD_isError(bytes) || bytes != header.envelope_bytes) corrupt("the body does not decompress");
  return buffer;
}

const fb::RecordBatch& verify(const std::string& buffer, size_t bytes) {
  const auto* start = reinterpret_cast<const uint8_t*>(buffer.data());
  flatbuffers::Verifier verifier(start, bytes);
  if (!fb::VerifyRecordBatchBuffer(verifier)) corrupt("the envelope is not a RecordBatch");
  return *fb::GetRecordBatch(start);
}

// One blob cut into items by the array of their ends. An absent pair is `count` empty items.
class Items {
 public:
  Items(const flatbuffers::Vector<uint32_t>* ends, const flatbuffers::Vector<uint8_t>* blob, uint32_t count) {
    if (!ends && !blob) return;
    if (!ends || !blob || ends->size() != count) corrupt("arrays of unequal length");
    if ((count ? ends->Get(count - 1) : 0) != blob->size()) corrupt("bytes that belong to no record");
    ends_ = ends;
    text_ = {reinterpret_cast<const char*>(blob->data()), blob->size()};
  }
  // To be called once for each item, in order.
  std::string_view next(uint32_t i) {
    if (!ends_) return {};
    const uint32_t end = ends_->Get(i);
    if (end < start_ || end > text_.size()) corrupt("an item's end out of order");
    return text_.substr(std::exchange(start_, end), end - start_);
  }

 private:
  const flatbuffers::Vector<uint32_t>* ends_ = nullptr;
  std::string_view text_;
  uint32_t start_ = 0;
};

// FlatBuffers verifies that a vector lies on 4 bytes, also when its numbers need 8.
int64_t number_at(const flatbuffers::Vector<int64_t>& numbers, uint32_t i) {
  int64_t number = 0;
  std::memcpy(&number, numbers.Data() + size_t{i} * sizeof number, sizeof number);
  return flatbuffers::EndianScalar(number);
}

constexpr uint8_t kGapFormat = 4;
constexpr size_t kGapBytes = 20;

// One for each gap, in their order.
class Gaps {
 public:
  Gaps(const flatbuffers::Vector<uint8_t>* keys, uint8_t version) : keys_(keys), version_(version) {}
  GapKeys next() {
    if (version_ < 2) corrupt("unknown payload format");
    if (!keys_ || keys_->size() < at_ + kGapBytes) corrupt("a gap without its keys");
    GapKeys gap;
    const uint8_t* from = keys_->data() + at_;
    std::memcpy(&gap.key_high, from, 8);
    std::memcpy(&gap.key_low, from + 8, 4);
    std::memcpy(&gap.content, from + 12, 8);
    at_ += kGapBytes;
    return gap;
  }
  void end() const {
    if (keys_ && keys_->size() != at_) corrupt("keys that belong to no gap");
  }

 private:
  const flatbuffers::Vector<uint8_t>* keys_;
  const uint8_t version_;
  size_t at_ = 0;
};

event::Format format_of(uint8_t value) {
  if (value == kGapFormat) return event::Format::json;
  if (value < 1 || value > 3) corrupt("unknown payload format");
  return static_cast<event::Format>(value);
}

}  // namespace

RecordBatch RecordBatch::decode(std::string_view bytes) {
  const Header header = read_header(bytes);
  RecordBatch batch;
  batch.buffer_ = decompress(header);
  const fb::RecordBatch& envelope = verify(*batch.buffer_, header.envelope_bytes);
  batch.receive_time_ = {envelope.receive_time()};
  if (envelope.origin_node() != 0) batch.origin_ = Origin{envelope.origin_node(), envelope.origin_sequence()};

  const auto* formats = envelope.formats();
  const uint32_t count = formats ? formats->size() : 0;
  if (count && !envelope.payload_ends()) corrupt("no payloads");
  Items payloads(envelope.payload_ends(), envelope.payloads(), count);
  Items contacts(envelope.contact_ends(), envelope.contacts(), count);
  const auto* retry_of = envelope.retry_of();
  if (retry_of && retry_of->size() != count) corrupt("arrays of unequal length");

  Gaps gaps(envelope.gap_keys(), header.form.version);
  batch.records_.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    const int64_t retried = retry_of ? number_at(*retry_of, i) : -1;
    if (retried < -1) corrupt("a retried offset below 0");
    batch.records_.push_back({format_of(formats->Get(i)), payloads.next(i), contacts.next(i), retried, {}});
    if (formats->Get(i) == kGapFormat) batch.records_.back().gap = gaps.next();
  }
  gaps.end();
  return batch;
}

}  // namespace lode::record
