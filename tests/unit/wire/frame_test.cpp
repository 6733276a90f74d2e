// Frames of the TCP protocol: what a client may send, and what becomes of bytes that are no frame.
#include "wire/frame.h"

#include <gtest/gtest.h>

#include <random>

#include "schema/frame_generated.h"

namespace lode::wire {
namespace {

constexpr const char* kEvent =
    R"({"event_id":"1","type":"cancellation","occurred_at":"2010-12-01T08:26:00Z","order_id":"o1"})";

std::vector<uint8_t> bytes(std::string_view text) { return {text.begin(), text.end()}; }

std::string append_frame(const std::vector<std::pair<uint8_t, std::string>>& items) {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<fb::Item>> made;
  for (const auto& [format, text] : items) {
    made.push_back(fb::CreateItem(builder, format, builder.CreateVector(bytes(text))));
  }
  auto append = fb::CreateAppend(builder, builder.CreateVector(made), true, true);
  builder.Finish(fb::CreateFrame(builder, 7, fb::Body::Append, append.Union()));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

TEST(Frame, AppendBecomesABatch) {
  auto body = std::make_shared<std::string>(append_frame({{1, kEvent}, {1, "{"}, {2, "no"}, {9, ""}}));
  const fb::Frame* frame = verify_frame(*body);
  ASSERT_NE(frame, nullptr);
  EXPECT_EQ(frame->correlation(), 7u);
  event::JsonDecoder json;
  ingest::Request write;
  ASSERT_FALSE(decode_append(*frame->body_as_Append(), body, {}, json, write));
  EXPECT_EQ(write.ack, ingest::Ack::committed);
  EXPECT_TRUE(write.all_results);
  ASSERT_EQ(write.batch.events.size(), 1u);
  EXPECT_EQ(write.batch.events[0].event_id, "1");
  EXPECT_EQ(write.batch.item_count, 4u);
  ASSERT_EQ(write.batch.rejections.size(), 3u);
  EXPECT_EQ(write.batch.rejections[0].index, 1u);
  EXPECT_EQ(write.batch.rejections[1].problem.code, "invalid_flatbuffer");
  EXPECT_EQ(write.batch.rejections[2].problem.code, "invalid_frame");
}

TEST(Frame, LimitsHold) {
  auto body = std::make_shared<std::string>(append_frame({{1, kEvent}, {1, kEvent}}));
  event::JsonDecoder json;
  ingest::Request write;
  event::Limits limits;
  limits.events_per_request = 1;
  auto refused = decode_append(*verify_frame(*body)->body_as_Append(), body, limits, json, write);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 413);
  limits = {};
  limits.event_bytes = 10;
  ASSERT_FALSE(decode_append(*verify_frame(*body)->body_as_Append(), body, limits, json, write));
  EXPECT_EQ(write.batch.rejections.size(), 2u);
  EXPECT_EQ(write.batch.rejections[0].problem.code, "too_large");
}

TEST(Frame, AnswersCanBeReadBack) {
  ingest::Answer answer;
  answer.result.accepted = 2;
  answer.result.first_offset = 10;
  answer.result.results.push_back(
      {3, ingest::ItemResult::Status::quarantined, 11, {"zero_quantity", "", "x"}});
  std::string out;
  write_hello_result(1, 99, out);
  write_append_result(2, answer, out);
  write_error(3, 429, {"queue_full", "", "later"}, 5, out);
  write_error(4, 307, {"not_leader", "", "there"}, 0, out, "10.0.0.2:7071");
  std::vector<std::string> frames;
  for (size_t at = 0; at < out.size();) {
    uint32_t length = read_frame_length(out.data() + at);
    frames.push_back(out.substr(at + kFrameLengthBytes, length));
    at += kFrameLengthBytes + length;
  }
  ASSERT_EQ(frames.size(), 4u);
  EXPECT_EQ(verify_frame(frames[0])->body_as_HelloResult()->max_frame_bytes(), 99u);
  const auto* result = verify_frame(frames[1])->body_as_AppendResult();
  EXPECT_EQ(result->accepted(), 2u);
  EXPECT_EQ(result->last_offset(), -1);
  EXPECT_EQ(result->results()->Get(0)->status(), fb::ItemStatus::quarantined);
  EXPECT_EQ(result->results()->Get(0)->code()->str(), "zero_quantity");
  EXPECT_EQ(verify_frame(frames[2])->body_as_Error()->retry_after_seconds(), 5u);
  EXPECT_EQ(verify_frame(frames[2])->body_as_Error()->leader(), nullptr);
  const auto* elsewhere = verify_frame(frames[3])->body_as_Error();
  EXPECT_EQ(elsewhere->status(), 307);
  EXPECT_EQ(elsewhere->leader()->str(), "10.0.0.2:7071");
}

TEST(Frame, DamagedBytesAreRefusedOrReadSafely) {
  uint32_t seed = 20101201;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  std::string good = append_frame({{1, kEvent}, {1, kEvent}, {2, "abcdefgh"}});
  EXPECT_EQ(verify_frame(""), nullptr);
  event::JsonDecoder json;
  for (int round = 0; round < 5'000; ++round) {
    auto body =
        std::make_shared<std::string>(good.substr(0, round % 3 ? good.size() : random() % good.size()));
    for (int i = 0; i < 3 && !body->empty(); ++i)
      (*body)[random() % body->size()] = static_cast<char>(random());
    const fb::Frame* frame = verify_frame(*body);
    if (!frame || !frame->body_as_Append()) continue;
    ingest::Request write;
    if (decode_append(*frame->body_as_Append(), body, {}, json, write)) continue;
    EXPECT_EQ(write.batch.events.size() + write.batch.rejections.size(), write.batch.item_count);
  }
}

TEST(Frame, HelloOfAnotherVersionIsToldWhy) {
  EXPECT_FALSE(check_hello(kFrameVersion));
  EXPECT_EQ(check_hello(kFrameVersion + 1)->code, "unsupported_version");
}

}  // namespace
}  // namespace lode::wire
