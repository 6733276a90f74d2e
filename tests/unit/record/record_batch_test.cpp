#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "record/batch.h"
#include "record/header.h"

namespace lode::record {
namespace {

event::Event an_event(std::string_view payload, std::string_view contact = {}, int64_t retry_of = -1) {
  event::Event event;
  event.payload = payload;
  event.contact = contact;
  event.retry_of = retry_of;
  return event;
}

std::string message_of(std::string_view bytes) {
  try {
    RecordBatch::decode(bytes);
  } catch (const Corruption& corruption) {
    return corruption.what();
  }
  return "decoded";
}

TEST(RecordBatch, GivesBackWhatWasAdded) {
  BatchWriter writer;
  event::Event second = an_event("\x01\x02", "", 77);
  second.format = event::Format::flatbuffers;
  event::Event third = an_event(R"({"specversion":"1.0"})", R"({"email":"a@example.com"})");
  third.format = event::Format::cloudevents;
  writer.add(an_event(R"({"event_id":"1"})", R"({"name":"A"})"));
  writer.add(second);
  writer.add(third);
  EXPECT_EQ(writer.count(), 3u);

  const RecordBatch batch = RecordBatch::decode(writer.encode({1'291'191'960'000'000}));

  EXPECT_EQ(batch.receive_time().value, 1'291'191'960'000'000);
  ASSERT_EQ(batch.count(), 3u);
  EXPECT_EQ(batch[0].format, event::Format::json);
  EXPECT_EQ(batch[0].payload, R"({"event_id":"1"})");
  EXPECT_EQ(batch[0].contact, R"({"name":"A"})");
  EXPECT_EQ(batch[0].retry_of, -1);
  EXPECT_EQ(batch[1].format, event::Format::flatbuffers);
  EXPECT_EQ(batch[1].payload, "\x01\x02");
  EXPECT_EQ(batch[1].contact, "");
  EXPECT_EQ(batch[1].retry_of, 77);
  EXPECT_EQ(batch[2].format, event::Format::cloudevents);
  EXPECT_EQ(batch[2].contact, R"({"email":"a@example.com"})");
}

TEST(RecordBatch, SixtyFourReadableBytesFollowEveryPayload) {
  BatchWriter writer;
  writer.add(an_event("first"));
  writer.add(an_event("last", "contact"));
  const RecordBatch batch = RecordBatch::decode(writer.encode({0}));
  const char* end = batch.buffer()->data() + batch.buffer()->size();
  for (uint32_t i = 0; i < batch.count(); ++i) {
    EXPECT_GE(end - (batch[i].payload.data() + batch[i].payload.size()), 64);
  }
  EXPECT_EQ(std::string_view(end - 64, 64), std::string(64, '\0'));
}

TEST(RecordBatch, AWriterIsEmptyAfterEncodingAndGivesTheSameBytesAgain) {
  BatchWriter writer;
  writer.add(an_event("payload", "contact", 5));
  const std::string first = writer.encode({1});
  EXPECT_EQ(writer.count(), 0u);
  EXPECT_EQ(writer.bytes(), 0u);
  writer.add(an_event("payload", "contact", 5));
  EXPECT_EQ(writer.encode({1}), first);
}

TEST(RecordBatch, AnOriginMakesTheSameEventsOtherBytes) {
  BatchWriter writer;
  auto encode = [&](std::optional<Origin> origin) {
    writer.add(an_event("{}"));
    return writer.encode({7}, origin);
  };
  const std::string alone = encode({}), first = encode(Origin{1, 5});
  EXPECT_EQ(encode({}), alone);
  EXPECT_EQ(encode(Origin{1, 5}), first);
  for (const std::string& other : {alone, encode(Origin{1, 6}), encode(Origin{2, 5})}) {
    EXPECT_NE(other, first);
    EXPECT_NE(checksum_in(other), checksum_in(first));
  }
  EXPECT_FALSE(RecordBatch::decode(alone).origin());
  EXPECT_EQ(RecordBatch::decode(first).origin(), (Origin{1, 5}));
}

TEST(RecordBatch, ABatchMayBeEmptyAndAPayloadToo) {
  BatchWriter writer;
  EXPECT_EQ(RecordBatch::decode(writer.encode({3})).count(), 0u);
  writer.add(an_event(""));
  const RecordBatch batch = RecordBatch::decode(writer.encode({3}));
  ASSERT_EQ(batch.count(), 1u);
  EXPECT_EQ(batch[0].payload, "");
}

TEST(RecordBatch, TheBufferKeepsPayloadsAliveOnItsOwn) {
  BatchWriter writer;
  writer.add(an_event(std::string(1000, 'x')));
  std::shared_ptr<const std::string> buffer;
  std::string_view payload;
  {
    const RecordBatch batch = RecordBatch::decode(writer.encode({0}));
    buffer = batch.buffer();
    payload = batch[0].payload;
  }
  EXPECT_EQ(payload, std::string(1000, 'x'));
}

TEST(RecordBatch, RandomBatchesComeBack) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  BatchWriter writer;
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string> payloads(random() % 200);
    for (std::string& payload : payloads) {
      payload.resize(random() % 600);
      for (char& c : payload) c = static_cast<char>(random());
      writer.add(
          an_event(payload, std::string_view(payload).substr(0, random() % 2 ? payload.size() / 3 : 0)));
    }
    const RecordBatch batch = RecordBatch::decode(writer.encode({round}));
    ASSERT_EQ(batch.count(), payloads.size());
    for (uint32_t i = 0; i < batch.count(); ++i) ASSERT_EQ(batch[i].payload, payloads[i]);
  }
}

TEST(RecordBatchDamage, EveryFlippedBitIsFound) {
  BatchWriter writer;
  for (int i = 0; i < 5; ++i) writer.add(an_event(R"({"event_id":"7","type":"purchase"})", "{}", i));
  const std::string good = writer.encode({42});
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    EXPECT_THROW(RecordBatch::decode(bad), Corruption) << "bit " << bit;
  }
}

TEST(RecordBatchDamage, EveryTornEndIsFound) {
  BatchWriter writer;
  writer.add(an_event(R"({"event_id":"7","type":"purchase"})"));
  const std::string good = writer.encode({42});
  for (size_t bytes = 0; bytes < good.size(); ++bytes) {
    EXPECT_THROW(RecordBatch::decode(good.substr(0, bytes)), Corruption) << bytes << " bytes";
  }
  EXPECT_THROW(RecordBatch::decode(good + '\0'), Corruption);
}

TEST(RecordBatchDamage, EveryTornPageIsFound) {
  std::mt19937 random(7);
  BatchWriter writer;
  std::string payload(300, ' ');
  for (int i = 0; i < 300; ++i) {
    for (char& c : payload) c = static_cast<char>(random());
    writer.add(an_event(payload));
  }
  const std::string good = writer.encode({42});
  for (size_t at = 0; at + 512 <= good.size(); at += 512) {
    std::string bad = good;
    bad.replace(at, 512, 512, '\0');
    EXPECT_THROW(RecordBatch::decode(bad), Corruption) << "zeros at " << at;
  }
}

TEST(RecordBatchDamage, ANewerVersionIsNamedAsSuch) {
  BatchWriter writer;
  writer.add(an_event("{}"));
  std::string bytes = writer.encode({1});
  bytes[4] = 9;
  EXPECT_THAT(message_of(bytes), testing::HasSubstr("version 9 is newer than this program"));
}

TEST(RecordBatchDamage, WhatIsNotABatchIsSaidPlainly) {
  EXPECT_THAT(message_of(""), testing::HasSubstr("shorter than its header"));
  EXPECT_THAT(message_of(std::string(100, 'x')), testing::HasSubstr("magic"));
}

}  // namespace
}  // namespace lode::record
