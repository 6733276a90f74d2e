// Envelopes that no writer makes, behind a header that is right: nothing in them is taken on trust.
#include <flatbuffers/flatbuffers.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include "record/batch.h"
#include "record/header.h"
#include "schema/record_generated.h"

namespace lode::record {
namespace {

std::string framed(std::string_view envelope, uint32_t claimed_bytes) {
  std::string bytes(kHeaderBytes + ZSTD_compressBound(envelope.size()), '\0');
  bytes.resize(kHeaderBytes + ZSTD_compress(bytes.data() + kHeaderBytes, bytes.size() - kHeaderBytes,
                                            envelope.data(), envelope.size(), 1));
  write_header(bytes.data(), bytes.size(), claimed_bytes);
  return bytes;
}

struct Arrays {
  std::vector<uint8_t> formats, payloads, contacts;
  std::vector<uint32_t> payload_ends, contact_ends;
  std::vector<int64_t> retry_of;
};

std::string framed(const Arrays& batch) {
  flatbuffers::FlatBufferBuilder builder;
  const auto given = [](const auto& array) { return array.empty() ? nullptr : &array; };
  fb::FinishRecordBatchBuffer(
      builder,
      fb::CreateRecordBatchDirect(builder, 0, &batch.formats, &batch.payload_ends, &batch.payloads,
                                  given(batch.contact_ends), given(batch.contacts), given(batch.retry_of)));
  return framed({reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()},
                builder.GetSize());
}

Arrays two_records() {
  Arrays batch;
  batch.formats = {1, 2};
  batch.payload_ends = {2, 5};
  batch.payloads = {'a', 'b', 'c', 'd', 'e'};
  return batch;
}

std::string message_of(std::string_view bytes) {
  try {
    RecordBatch::decode(bytes);
  } catch (const Corruption& corruption) {
    return corruption.what();
  }
  return "decoded";
}

TEST(Envelope, AWellFormedOneDecodes) {
  const RecordBatch batch = RecordBatch::decode(framed(two_records()));
  ASSERT_EQ(batch.count(), 2u);
  EXPECT_EQ(batch[1].payload, "cde");
}

TEST(Envelope, EndsMustRise) {
  auto batch = two_records();
  batch.payload_ends = {6, 5};
  EXPECT_THAT(message_of(framed(batch)), testing::HasSubstr("end out of order"));
  batch.formats = {1, 1, 1};
  batch.payload_ends = {4, 2, 5};
  EXPECT_THAT(message_of(framed(batch)), testing::HasSubstr("end out of order"));
}

TEST(Envelope, EveryByteBelongsToARecord) {
  auto batch = two_records();
  batch.payload_ends = {2, 4};
  EXPECT_THAT(message_of(framed(batch)), testing::HasSubstr("belong to no record"));
  batch.payload_ends = {2, 6};
  EXPECT_THAT(message_of(framed(batch)), testing::HasSubstr("belong to no record"));
}

TEST(Envelope, ArraysAreOfOneLength) {
  auto batch = two_records();
  batch.formats = {1};
  EXPECT_THAT(message_of(framed(batch)), testing::HasSubstr("unequal length"));
  batch = two_records();
  batch.contact_ends = {1};
  batch.contacts = {'x'};
  EXPECT_THAT(message_of(framed(batch)), testing::HasSubstr("unequal length"));
  batch = two_records();
  batch.retry_of = {1};
  EXPECT_THAT(message_of(framed(batch)), testing::HasSubstr("unequal length"));
}

TEST(Envelope, FormatsAndRetriedOffsetsAreKnownValues) {
  auto batch = two_records();
  batch.formats = {1, 4};
  EXPECT_THAT(message_of(framed(batch)), testing::HasSubstr("unknown payload format"));
  batch = two_records();
  batch.retry_of = {-1, -2};
  EXPECT_THAT(message_of(framed(batch)), testing::HasSubstr("below 0"));
}

TEST(Envelope, TheLengthInTheHeaderIsTheBodys) {
  EXPECT_THAT(message_of(framed("0123456789", 11)), testing::HasSubstr("length"));
  EXPECT_THAT(message_of(framed("0123456789", kMaxEnvelopeBytes + 1)), testing::HasSubstr("too large"));
}

TEST(Envelope, ABufferThatIsNoEnvelopeIsRefused) {
  EXPECT_THAT(message_of(framed("not a flatbuffer", 16)), testing::HasSubstr("not a RecordBatch"));
  EXPECT_THAT(message_of(framed("", 0)), testing::HasSubstr("not a RecordBatch"));
}

}  // namespace
}  // namespace lode::record
