// Frames and what they hold, as bytes: golden files of every type, round trips, arrival in pieces, damage.
// LODE_REWRITE_GOLDEN=1 unit_peer writes the golden files anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "peer/frame_reader.h"
#include "unit/peer/examples.h"

namespace lode::peer {
namespace {

using testing::HasSubstr;

std::filesystem::path golden_file(const std::string& name) {
  return std::filesystem::path(LODE_SOURCE_DIR) / "tests/golden/peer" / ("v1-" + name + ".bin");
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

// What a reader makes of `bytes` that come `step` at a time.
std::vector<Frame> receive(std::string_view bytes, size_t step, size_t max_body = kMaxBodyBytes) {
  FrameReader reader;
  reader.set_max_body(max_body);
  std::vector<Frame> frames;
  while (!bytes.empty()) {
    const auto room = reader.room();
    const size_t part = std::min({step, bytes.size(), room.size()});
    std::copy_n(bytes.data(), part, room.data());
    reader.filled(part);
    bytes.remove_prefix(part);
    while (auto frame = reader.next()) frames.push_back(std::move(*frame));
  }
  return frames;
}

Frame receive_one(OutFrame frame) {
  auto frames = receive(sealed(std::move(frame)), 1'000'000);
  EXPECT_EQ(frames.size(), 1u);
  return frames.at(0);
}

std::string complaint_about(const std::string& bytes, size_t max_body = kMaxBodyBytes) {
  try {
    for (const Frame& frame : receive(bytes, 1'000'000, max_body)) {
      if (is_raft(frame.type)) decode_message(frame);
    }
  } catch (const BadFrame& error) {
    return error.what();
  }
  return "no complaint";
}

TEST(PeerCodec, GoldenBytes) {
  for (Example& example : examples()) {
    const std::string bytes = sealed(example.frame);
    const auto path = golden_file(example.name);
    if (std::getenv("LODE_REWRITE_GOLDEN")) {
      std::filesystem::create_directories(path.parent_path());
      std::ofstream(path, std::ios::binary) << bytes;
    }
    EXPECT_EQ(read_file(path), bytes) << path;
  }
}

TEST(PeerCodec, RaftMessagesComeBackEqual) {
  for (const Example& example : examples()) {
    if (!is_raft(example.frame.type)) continue;
    const raft::Message message = decode_message(receive_one(example.frame));
    EXPECT_EQ(sealed(encode(message)), sealed(example.frame)) << example.name;
  }
  const auto append =
      std::get<raft::AppendEntries>(decode_message(receive_one(encode(raft::Message(example_append())))));
  EXPECT_EQ(append.prev_index.value, 41u);
  EXPECT_EQ(append.leader_commit.value, 40u);
  ASSERT_EQ(append.entries.size(), 3u);
  EXPECT_EQ(append.entries[0].payload, "first payload");
  EXPECT_EQ(append.entries[1].type, log::EntryType::no_op);
  EXPECT_EQ(append.entries[2].payload, ", second");
  EXPECT_EQ(append.entries[2].term.value, 7u);
}

TEST(PeerCodec, EntriesShareTheFramesMemory) {
  const Frame frame = receive_one(encode(raft::Message(example_append())));
  const auto append = std::get<raft::AppendEntries>(decode_message(frame));
  for (const auto& entry : append.entries) {
    EXPECT_EQ(entry.owner, frame.owner);
    EXPECT_GE(entry.payload.data(), frame.body.data());
    EXPECT_LE(entry.payload.data() + entry.payload.size(), frame.body.data() + frame.body.size());
  }
}

TEST(PeerCodec, NothingIsCopiedOnTheWayOut) {
  const raft::AppendEntries append = example_append();
  const OutFrame frame = encode(raft::Message(append));
  ASSERT_EQ(frame.tail.size(), 2u);  // the empty payload needs no piece
  EXPECT_EQ(frame.tail[0].view.data(), append.entries[0].payload.data());
  EXPECT_EQ(frame.tail[1].owner, append.entries[2].owner);
}

TEST(PeerCodec, GreetingsComeBackEqual) {
  const Hello hello = decode_hello(receive_one(examples()[0].frame));
  EXPECT_EQ(hello.newest_version, 3);
  EXPECT_EQ(hello.cluster, example_cluster());
  EXPECT_EQ(hello.node, raft::NodeId{2});
  EXPECT_EQ(hello.wanted, raft::NodeId{3});
  EXPECT_EQ(hello.incarnation, 0x1122334455667788u);
  EXPECT_EQ(hello.features, 5u);
  EXPECT_EQ(hello.software, "0.1.0");
  EXPECT_EQ(hello.address, "10.0.0.2:7071");
  const Welcome welcome = decode_welcome(receive_one(examples()[1].frame));
  EXPECT_EQ(welcome.features, 4u);
  const Refusal refusal = decode_refusal(receive_one(examples()[2].frame));
  EXPECT_EQ(refusal.code, RefusalCode::other_cluster);
  EXPECT_EQ(name_of(refusal.code), "other_cluster");
  EXPECT_EQ(refusal.sentence, "The caller is of another cluster.");
}

TEST(PeerCodec, ANewerHelloMayBeLonger) {
  OutFrame frame = examples()[0].frame;
  frame.head += "fields of a later version";
  EXPECT_EQ(decode_hello(receive_one(frame)).node, raft::NodeId{2});
}

TEST(PeerCodec, RequestsAndAnswersComeBackEqual) {
  const RequestIn request = decode_request(receive_one(examples()[5].frame));
  EXPECT_EQ(request.head.correlation, 9u);
  EXPECT_EQ(request.head.timeout_ms, 1500u);
  EXPECT_EQ(request.head.kind, 4);
  EXPECT_EQ(request.body.view, "body");
  const ResponseIn response = decode_response(receive_one(examples()[6].frame));
  EXPECT_EQ(response.correlation, 9u);
  EXPECT_EQ(response.answer.outcome, Outcome::failed);
  EXPECT_EQ(response.answer.code, "not_leader");
  EXPECT_EQ(response.answer.detail, "Node 2 leads.");
  EXPECT_EQ(response.answer.body.view, "more");
}

TEST(FrameReader, PiecesOfAnySizeGiveTheSameFrames) {
  std::string stream;
  std::mt19937_64 random(11);
  std::vector<std::string> bodies;
  for (const size_t size : {0u, 1u, 300u, 70'000u, 5u, 300'000u, 64u * 1024u}) {
    std::string body(size, '\0');
    for (char& byte : body) byte = static_cast<char>(random());
    bodies.push_back(body);
    stream += sealed(encode_request({}, Bytes(body)));
  }
  for (const size_t step : {size_t{1}, size_t{7}, size_t{24}, size_t{4096}, size_t{65'536}, stream.size()}) {
    const auto frames = receive(stream, step);
    ASSERT_EQ(frames.size(), bodies.size()) << "step " << step;
    for (size_t i = 0; i < frames.size(); ++i)
      EXPECT_TRUE(decode_request(frames[i]).body.view == bodies[i]) << "step " << step << ", frame " << i;
  }
}

TEST(FrameReader, EveryFlippedBitIsSeen) {
  for (const Example& example : examples()) {
    const std::string good = sealed(example.frame);
    for (size_t bit = 0; bit < good.size() * 8; ++bit) {
      std::string bad = good;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_NE(complaint_about(bad), "no complaint") << example.name << ", bit " << bit;
    }
  }
}

TEST(FrameReader, SaysWhatIsWrong) {
  EXPECT_THAT(complaint_about("GET / HTTP/1.1\r\n\r\n"), HasSubstr("not the protocol between nodes"));
  EXPECT_THAT(complaint_about("X"), HasSubstr("not the protocol between nodes"));
  const std::string large = sealed(encode_request({}, Bytes(std::string(5000, 'x'))));
  EXPECT_THAT(complaint_about(large, kMaxGreetingBytes), HasSubstr("at most 4096"));
  OutFrame longer = encode(raft::Message(raft::TimeoutNow{}));
  longer.head += "x";
  EXPECT_THAT(complaint_about(sealed(longer)), HasSubstr("left behind the last field"));
  OutFrame shorter = encode(raft::Message(raft::TimeoutNow{}));
  shorter.head.pop_back();
  EXPECT_THAT(complaint_about(sealed(shorter)), HasSubstr("past the frame's end"));
}

TEST(PeerCodec, MoreEntriesThanTheBytesHold) {
  raft::AppendEntries append = example_append();
  OutFrame frame = encode(raft::Message(append));
  frame.head[kHeaderBytes + 32] = '\x7f';  // the number of entries
  EXPECT_THAT(complaint_about(sealed(frame)), HasSubstr("past the frame's end"));
  frame.head[kHeaderBytes + 35] = '\x7f';
  EXPECT_THAT(complaint_about(sealed(frame)), HasSubstr("more entries than it may"));
}

TEST(Judge, RefusesWithTheReason) {
  const Self self{example_cluster(), {3}};
  Hello hello;
  hello.cluster = example_cluster();
  hello.node = {2};
  hello.wanted = {3};
  EXPECT_FALSE(judge(hello, self));
  const auto code = [&](auto change) {
    Hello changed = hello;
    change(changed);
    const auto refusal = judge(changed, self);
    EXPECT_TRUE(refusal && !refusal->sentence.empty());
    return refusal ? refusal->code : RefusalCode{0};
  };
  EXPECT_EQ(code([](Hello& h) { h.newest_version = h.oldest_version = 0; }), RefusalCode::protocol_too_old);
  EXPECT_EQ(code([](Hello& h) { h.newest_version = h.oldest_version = 2; }), RefusalCode::protocol_too_new);
  EXPECT_EQ(code([](Hello& h) { h.cluster.bytes[0] = 9; }), RefusalCode::other_cluster);
  EXPECT_EQ(code([](Hello& h) { h.node = {3}; }), RefusalCode::own_id);
  EXPECT_EQ(code([](Hello& h) { h.wanted = {4}; }), RefusalCode::wrong_node);
  EXPECT_EQ(code([](Hello& h) { h.node = {0}; }), RefusalCode::unknown_node);
  hello.newest_version = 9;
  EXPECT_FALSE(judge(hello, self));
  EXPECT_FALSE(judge(hello, Self{{}, {3}}));  // in no cluster yet
}

}  // namespace
}  // namespace lode::peer
