// The load's event loop and the TCP client against a small scripted server on the loopback.
#include <gtest/gtest.h>

#include <thread>

#include "bench/drive.h"
#include "bench/http_connection.h"
#include "lode/client.h"
#include "schema/frame_generated.h"
#include "scripted_server.h"

namespace lode {
namespace {

constexpr size_t kRequestBytes = 64;

bench::WriteRequest fixed_request() {
  return [](uint64_t, std::string& out) { out.assign(kRequestBytes, 'x'); };
}

const std::string kCounts = R"({"accepted":3,"duplicates":2,"rejected":1,"results":[]})";

bench::Tally drive_one(std::vector<std::string> addresses, const bench::Pace& pace) {
  std::vector<std::unique_ptr<bench::Connection>> connections;
  connections.push_back(
      std::make_unique<bench::HttpConnection>(bench::Servers(std::move(addresses)), fixed_request()));
  std::atomic<uint64_t> next{0};
  std::atomic<bool> stop{false};
  return bench::drive(connections, pace, next, stop);
}

TEST(Drive, AddsUpVerdictsAndSendsARefusedRequestAgain) {
  int refusals = 1;
  Listener server(1, [&](int socket) {
    for (std::string request; read_exactly(socket, request, kRequestBytes);) {
      say(socket, refusals-- > 0 ? answer(429, "{}") : answer(207, kCounts));
    }
  });
  bench::Tally tally = drive_one({server.address()}, {0, 0, 4});
  EXPECT_EQ(tally.requests, 4u);
  EXPECT_EQ(tally.accepted, 12u);
  EXPECT_EQ(tally.duplicates, 8u);
  EXPECT_EQ(tally.rejected, 4u);
  EXPECT_EQ(tally.queue_full, 1u);
  EXPECT_EQ(tally.latency.count(), 4u);
}

TEST(Drive, ConnectsAgainAndSendsWhatHadNoAnswer) {
  int left = 3;
  Listener server(2, [&](int socket) {
    for (std::string request; read_exactly(socket, request, kRequestBytes);) {
      if (left-- == 2) return;  // takes the second request and goes
      say(socket, answer(200, kCounts));
    }
  });
  bench::Tally tally = drive_one({server.address()}, {0, 0, 3});
  EXPECT_EQ(tally.requests, 3u);
  EXPECT_EQ(tally.reconnects, 1u);
}

TEST(Drive, GoesOnToTheNextServer) {
  std::string nobody = Listener(0, [](int) {}).address();
  Listener first(1, [](int socket) {
    std::string request;
    read_exactly(socket, request, kRequestBytes);
  });
  Listener second(1, [](int socket) {
    for (std::string request; read_exactly(socket, request, kRequestBytes);)
      say(socket, answer(200, kCounts));
  });
  bench::Tally tally = drive_one({first.address(), nobody, second.address()}, {0, 0, 3});
  EXPECT_EQ(tally.requests, 3u);
  EXPECT_EQ(tally.reconnects, 1u);
}

// Five requests are due 10 ms apart; the server holds the first for 60 ms. The ones behind it were held up as
// well.
TEST(Drive, AStallCountsForEveryRequestThatItHeldUp) {
  bool first = true;
  Listener server(1, [&](int socket) {
    for (std::string request; read_exactly(socket, request, kRequestBytes);) {
      if (first) std::this_thread::sleep_for(std::chrono::milliseconds(60));
      first = false;
      say(socket, answer(200, kCounts));
    }
  });
  bench::Tally tally = drive_one({server.address()}, {100, 0, 5});
  EXPECT_EQ(tally.latency.count(), 5u);
  EXPECT_GE(tally.latency.quantile(0.2), 15'000'000) << "the last was due 40 ms after the first";
  EXPECT_GE(tally.latency.quantile(0.6), 35'000'000);
}

TEST(Drive, NobodyThere) {
  std::string address;
  {
    address = Listener(0, [](int) {}).address();
  }
  EXPECT_THROW(drive_one({address}, {0, 0, 1}), bench::ConnectionError);
}

std::string framed(flatbuffers::FlatBufferBuilder& builder, uint64_t correlation, fb::Body type,
                   flatbuffers::Offset<void> body) {
  builder.Finish(fb::CreateFrame(builder, correlation, type, body));
  std::string out;
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(builder.GetSize() >> shift & 0xff);
  return out.append(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
}

std::optional<std::string> read_frame(int socket) {
  std::string length, frame;
  if (!read_exactly(socket, length, 4)) return std::nullopt;
  size_t bytes = 0;
  for (size_t i = 0; i < 4; i++) bytes |= size_t{static_cast<uint8_t>(length[i])} << (8 * i);
  if (!read_exactly(socket, frame, bytes)) return std::nullopt;
  return frame;
}

std::string greeting(const std::string& hello) {
  flatbuffers::FlatBufferBuilder builder;
  auto body = fb::CreateHelloResult(builder, 1, builder.CreateString("test"), 1 << 20);
  return framed(builder, fb::GetFrame(hello.data())->correlation(), fb::Body::HelloResult, body.Union());
}

TEST(Client, PipelinedAnswersFindTheirRequestsInAnyOrder) {
  Listener server(1, [](int socket) {
    say(socket, greeting(*read_frame(socket)));
    std::string answers;
    for (int i = 0; i < 3; i++) {
      std::string request = *read_frame(socket);
      const fb::Frame* frame = fb::GetFrame(request.data());
      flatbuffers::FlatBufferBuilder builder;
      auto items = frame->body_as_Append()->items()->size();
      auto body = fb::CreateAppendResult(builder, items);
      answers.insert(0, framed(builder, frame->correlation(), fb::Body::AppendResult, body.Union()));
    }
    say(socket, answers);
  });
  client::Client client(server.address());
  std::vector<std::pair<size_t, uint32_t>> seen;
  for (size_t items = 1; items <= 3; items++) {
    client::Batch batch;
    for (size_t i = 0; i < items; i++) batch.add(client::Format::json, "{}");
    client.append(batch, {}, [&seen, items](const client::AppendResult& result) {
      seen.emplace_back(items, result.accepted);
    });
    EXPECT_EQ(batch.size(), 0u);
  }
  EXPECT_EQ(client.pending(), 3u);
  while (client.pending() > 0) client.poll(-1);
  EXPECT_EQ(seen, (std::vector<std::pair<size_t, uint32_t>>{{3, 3}, {2, 2}, {1, 1}}));
}

TEST(Client, RefusalsAreAnswersAndALostConnectionThrows) {
  Listener server(1, [](int socket) {
    say(socket, greeting(*read_frame(socket)));
    std::string request = *read_frame(socket);
    flatbuffers::FlatBufferBuilder builder;
    auto code = builder.CreateString("queue_full");
    auto body = fb::CreateError(builder, 429, code, 0, 0, 2);
    say(socket, framed(builder, fb::GetFrame(request.data())->correlation(), fb::Body::Error, body.Union()));
    read_frame(socket);
  });
  client::Client client(server.address());
  client::Batch batch;
  batch.add(client::Format::json, "{}");
  client::AppendResult result = client.append_and_wait(batch);
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->status, 429);
  EXPECT_EQ(result.error->code, "queue_full");
  EXPECT_EQ(result.error->retry_after_seconds, 2u);

  batch.add(client::Format::json, std::string(2 << 20, 'x'));
  EXPECT_THROW(client.append_and_wait(batch), std::length_error);
  batch.add(client::Format::json, "{}");
  EXPECT_THROW(client.append_and_wait(batch), client::ConnectionLost);
}

// Answers appends; leaves with the last of `requests` unanswered.
std::function<void(int)> answering(int requests, uint32_t accepted, std::vector<uint64_t>& correlations) {
  return [=, &correlations](int socket) {
    say(socket, greeting(*read_frame(socket)));
    for (int i = 1;; i++) {
      auto request = read_frame(socket);
      if (!request) return;
      uint64_t correlation = fb::GetFrame(request->data())->correlation();
      correlations.push_back(correlation);
      if (i == requests) return;
      flatbuffers::FlatBufferBuilder builder;
      auto body = fb::CreateAppendResult(builder, accepted);
      say(socket, framed(builder, correlation, fb::Body::AppendResult, body.Union()));
    }
  };
}

TEST(Client, WhatHadNoAnswerGoesToTheNextServer) {
  std::vector<uint64_t> first_saw, second_saw, answers;
  Listener first(1, answering(2, 1, first_saw));
  Listener second(1, answering(100, 2, second_saw));
  std::string nobody = Listener(0, [](int) {}).address();
  client::Client client(nobody + "," + first.address() + "," + nobody + "," + second.address());
  client::Batch batch;
  for (int i = 0; i < 4; i++) {
    batch.add(client::Format::json, "{}");
    client.append(batch, {}, [&](const client::AppendResult& result) { answers.push_back(result.accepted); });
    while (i == 0 && client.pending() > 0) client.poll(-1);
  }
  while (client.pending() > 0) client.poll(-1);
  EXPECT_EQ(answers, (std::vector<uint64_t>{1, 2, 2, 2}));
  EXPECT_EQ(first_saw, (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(second_saw, (std::vector<uint64_t>{2, 3, 4})) << "in order, and the first is not sent again";
}

TEST(Client, WithoutAnyServerItGivesUp) {
  std::string nobody = Listener(0, [](int) {}).address();
  EXPECT_THROW(client::Client(nobody + "," + nobody, {.give_up_ms = 1}), client::ConnectionLost);
}

}  // namespace
}  // namespace lode
