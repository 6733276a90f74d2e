// What a Network is made from, and what it calls back.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "peer/hello.h"
#include "raft/message.h"

namespace lode::peer {

struct Peer {
  raft::NodeId id;
  std::string address;  // IP:port or [IPv6]:port; `localhost` is 127.0.0.1; names are not looked up
  friend bool operator==(const Peer&, const Peer&) = default;
};

// PEM files (cluster.tls_certificate, cluster.tls_key, cluster.tls_ca); see tls.h.
struct TlsFiles {
  std::string certificate, key, ca;
};

struct Timing {
  std::chrono::milliseconds greeting{2000};  // from the first packet to the welcome
  std::chrono::milliseconds ping{250};
  std::chrono::milliseconds silence{2000};  // after that without a sign of life a connection is closed
  std::chrono::milliseconds first_backoff{60};
  std::chrono::milliseconds last_backoff{1000};
};

struct Settings {
  raft::NodeId node;
  ClusterId cluster;
  std::string listen;   // port 0: any
  std::string address;  // where others can call this node; empty: where it listens
  std::vector<Peer> peers;
  std::optional<TlsFiles> tls;  // may be left out only when `listen` and all peers are loopback addresses
  std::string software;         // version, told to the other end
  uint64_t features = 0;
  size_t queue_bytes = 64u << 20;  // of each peer
  size_t queue_frames = 65'536;
  Timing timing;
};

// A node that calls and is not among the peers.
struct Caller {
  raft::NodeId node;
  ClusterId cluster;
  std::string address;  // where it says that it can be called
  std::string software;
};

// All run on the network's thread: they must not block and must not throw. They may call the Network.
struct Callbacks {
  std::function<void(raft::NodeId from, raft::Message message)> on_message;  // must be there
  // Why the caller is refused, a sentence; nothing: it is welcome. Without this function all are refused.
  std::function<std::optional<std::string>(const Caller& caller)> refuse_unknown;
};

}  // namespace lode::peer
