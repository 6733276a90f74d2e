// The first frames of a connection: who calls whom, of which cluster, in which versions; and why not. The
// judging is pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "peer/frame.h"
#include "raft/message.h"

namespace lode::peer {

inline constexpr uint16_t kOldestVersion = 1,
                          kNewestVersion = 1;  // of the protocol, that this program speaks

// Made once, when a cluster is; random. All zeros: this node is in no cluster yet.
struct ClusterId {
  std::array<uint8_t, 16> bytes{};
  bool none() const { return *this == ClusterId{}; }
  std::string text() const;  // 32 hexadecimal digits
  friend auto operator<=>(const ClusterId&, const ClusterId&) = default;
};

// The caller's first frame. Fields are only ever added at the end, and readers ignore what follows the last
// one they know: any two versions can read each other's hello.
struct Hello {
  uint16_t oldest_version = kOldestVersion, newest_version = kNewestVersion;
  ClusterId cluster;
  raft::NodeId node;
  raft::NodeId wanted;       // whom the caller takes the other end for
  uint64_t incarnation = 0;  // random, made at each start of the caller's process
  uint64_t features = 0;     // a bit for each addition to the protocol that the caller knows
  std::string software;      // version of the program
  std::string address;       // host:port where the caller can be called itself
};

// The answer, when all is well; grows as Hello does.
struct Welcome {
  uint16_t version = kNewestVersion;  // the newest that both speak
  uint64_t features = 0;              // those that both know
  std::string software;
};

enum class RefusalCode : uint16_t {
  protocol_too_old = 1,
  protocol_too_new = 2,
  other_cluster = 3,
  wrong_node = 4,         // the caller looks for another node at this address
  own_id = 5,             // the caller has the id of the node it calls
  wrong_certificate = 6,  // the caller's certificate is for another node
  unknown_node = 7,
  connected_twice = 8,  // another process with this id is connected
};

std::string_view name_of(RefusalCode code);  // "other_cluster"; "unknown" for a newer program's code

struct Refusal {
  RefusalCode code = RefusalCode::unknown_node;
  std::string sentence;
};

OutFrame encode(const Hello& hello);
OutFrame encode(const Welcome& welcome);
OutFrame encode(const Refusal& refusal);
Hello decode_hello(const Frame& frame);
Welcome decode_welcome(const Frame& frame);
Refusal decode_refusal(const Frame& frame);

// What the node that is called knows of itself.
struct Self {
  ClusterId cluster;
  raft::NodeId node;
};

// Whether these two can talk at all: versions, cluster, ids. A node of no cluster takes any cluster's call.
std::optional<Refusal> judge(const Hello& hello, const Self& self);

}  // namespace lode::peer
