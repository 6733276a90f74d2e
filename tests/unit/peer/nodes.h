// Nodes for tests: networks on loopback that remember what came, and bare sockets that speak, or break, the
// protocol by hand. Waiting is for a condition, with a limit that only a failing test reaches.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "env/clock.h"
#include "peer/frame_reader.h"
#include "peer/network.h"

namespace lode::peer {

using namespace std::chrono_literals;

inline constexpr std::chrono::seconds kPatience{30};

// Looks again and again.
bool eventually(const std::function<bool()>& condition);

ClusterId test_cluster(uint8_t number = 1);
Settings test_settings(uint64_t node);
raft::AppendEntries append_of(const std::vector<std::string>& payloads);

struct Received {
  raft::NodeId from;
  raft::Message message;
};

class TestNode {
 public:
  explicit TestNode(Settings settings, const std::map<uint8_t, Handler>& handlers = {},
                    std::function<std::optional<std::string>(const Caller&)> refuse_unknown = {});
  ~TestNode() { network->stop(); }

  Peer as_peer() const { return {id, network->address()}; }
  void knows(std::vector<Peer> peers) { network->set_peers(std::move(peers)); }
  LinkStatus link(uint64_t to) const;
  bool connects_to(uint64_t to) const;  // eventually
  // Sends until it is taken.
  bool send(uint64_t to, const raft::Message& message);
  // Waits for `count` messages in all.
  std::vector<Received> messages(size_t count);
  size_t message_count();
  Answer call(uint64_t to, uint8_t kind, std::string body, std::chrono::milliseconds timeout = kPatience);

  const raft::NodeId id;
  env::SystemClock clock;
  std::unique_ptr<Network> network;

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<Received> received_;
};

// Connects two nodes with each other and waits until both ways stand.
void join(TestNode& one, TestNode& other);

class BareSocket {
 public:
  explicit BareSocket(int fd) : fd_(fd) { reader_.set_max_body(kMaxBodyBytes); }
  static BareSocket connect_to(const std::string& address);
  ~BareSocket();
  BareSocket(BareSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  void send(std::string_view bytes);
  void send(OutFrame frame);
  // The next frame; nothing: the other end has closed.
  std::optional<Frame> receive();
  int fd() const { return fd_; }
  bool is_closed_by_other();  // waits for it, and drops what comes before

 private:
  int fd_;
  FrameReader reader_;
};

class BareListener {
 public:
  BareListener();
  ~BareListener();
  std::string address() const;
  BareSocket accept();
  // Takes a connection and welcomes who made it.
  BareSocket welcome_next();

 private:
  int fd_;
};

Hello hello_to(uint64_t wanted, uint64_t from);

}  // namespace lode::peer
