#include "peer/hello.h"

#include <algorithm>
#include <cstring>

namespace lode::peer {
namespace {

constexpr size_t kMaxSoftware = 64, kMaxAddress = 256, kMaxSentence = 1024;

Refusal refuse(RefusalCode code, std::string sentence) { return {code, std::move(sentence)}; }

std::string node_text(raft::NodeId node) { return "node " + std::to_string(node.value); }

void expect(const Frame& frame, FrameType type) {
  if (frame.type != type) throw BadFrame("another frame came where the greeting belongs");
}

}  // namespace

std::string ClusterId::text() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string_view name_of(RefusalCode code) {
  switch (code) {
    case RefusalCode::protocol_too_old:
      return "protocol_too_old";
    case RefusalCode::protocol_too_new:
      return "protocol_too_new";
    case RefusalCode::other_cluster:
      return "other_cluster";
    case RefusalCode::wrong_node:
      return "wrong_node";
    case RefusalCode::own_id:
      return "own_id";
    case RefusalCode::wrong_certificate:
      return "wrong_certificate";
    case RefusalCode::unknown_node:
      return "unknown_node";
    case RefusalCode::connected_twice:
      return "connected_twice";
  }
  return "unknown";
}

OutFrame encode(const Hello& hello) {
  OutFrame frame(FrameType::hello);
  FieldWriter out(frame.head);
  out.number(hello.oldest_version);
  out.number(hello.newest_version);
  out.zeros(4);
  out.raw({reinterpret_cast<const char*>(hello.cluster.bytes.data()), hello.cluster.bytes.size()});
  out.number(hello.node.value);
  out.number(hello.wanted.value);
  out.number(hello.incarnation);
  out.number(hello.features);
  out.text(hello.software, kMaxSoftware);
  out.text(hello.address, kMaxAddress);
  return frame;
}

Hello decode_hello(const Frame& frame) {
  expect(frame, FrameType::hello);
  FieldReader in(frame.body);
  Hello hello;
  hello.oldest_version = in.number<uint16_t>();
  hello.newest_version = in.number<uint16_t>();
  in.raw(4);
  std::memcpy(hello.cluster.bytes.data(), in.raw(hello.cluster.bytes.size()).data(),
              hello.cluster.bytes.size());
  hello.node.value = in.number<uint64_t>();
  hello.wanted.value = in.number<uint64_t>();
  hello.incarnation = in.number<uint64_t>();
  hello.features = in.number<uint64_t>();
  hello.software = in.text(kMaxSoftware);
  hello.address = in.text(kMaxAddress);
  return hello;
}

OutFrame encode(const Welcome& welcome) {
  OutFrame frame(FrameType::welcome);
  FieldWriter out(frame.head);
  out.number(welcome.version);
  out.zeros(6);
  out.number(welcome.features);
  out.text(welcome.software, kMaxSoftware);
  return frame;
}

Welcome decode_welcome(const Frame& frame) {
  expect(frame, FrameType::welcome);
  FieldReader in(frame.body);
  Welcome welcome;
  welcome.version = in.number<uint16_t>();
  if (welcome.version < kOldestVersion || welcome.version > kNewestVersion)
    throw BadFrame("a version was agreed that was not offered");
  in.raw(6);
  welcome.features = in.number<uint64_t>();
  welcome.software = in.text(kMaxSoftware);
  return welcome;
}

OutFrame encode(const Refusal& refusal) {
  OutFrame frame(FrameType::refusal);
  FieldWriter out(frame.head);
  out.number(static_cast<uint16_t>(refusal.code));
  out.text(refusal.sentence, kMaxSentence);
  return frame;
}

Refusal decode_refusal(const Frame& frame) {
  expect(frame, FrameType::refusal);
  FieldReader in(frame.body);
  Refusal refusal;
  refusal.code = static_cast<RefusalCode>(in.number<uint16_t>());
  refusal.sentence = in.text(kMaxSentence);
  return refusal;
}

std::optional<Refusal> judge(const Hello& hello, const Self& self) {
  if (hello.newest_version < kOldestVersion) {
    return refuse(RefusalCode::protocol_too_old,
                  "the caller speaks up to version " + std::to_string(hello.newest_version) +
                      " of the protocol between nodes; this node needs at least version " +
                      std::to_string(kOldestVersion));
  }
  if (hello.oldest_version > kNewestVersion) {
    return refuse(RefusalCode::protocol_too_new,
                  "the caller needs at least version " + std::to_string(hello.oldest_version) +
                      " of the protocol between nodes; this node speaks up to version " +
                      std::to_string(kNewestVersion));
  }
  if (!self.cluster.none() && hello.cluster != self.cluster) {
    return refuse(RefusalCode::other_cluster, "the caller is of cluster " + hello.cluster.text() +
                                                  ", this node of cluster " + self.cluster.text());
  }
  if (hello.node == self.node) {
    return refuse(RefusalCode::own_id, "this node is " + node_text(self.node) +
                                           " itself: two nodes have one id, or a node calls its own address");
  }
  if (hello.wanted != self.node) {
    return refuse(RefusalCode::wrong_node, "the caller looks for " + node_text(hello.wanted) +
                                               ", and this is " + node_text(self.node));
  }
  if (hello.node == raft::NodeId{0}) return refuse(RefusalCode::unknown_node, "node ids start at 1");
  return std::nullopt;
}

}  // namespace lode::peer
