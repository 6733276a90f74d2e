// The transport between the nodes of a cluster: Raft's messages to peers and from them, and requests with
// answers. One thread of its own does all the work on sockets; FORMAT.md has the bytes, tls.h the proof of
// identity.
//
// A node keeps one connection to each peer that it knows and takes one from each; both carry messages and
// requests of the one who made them. A lost connection is made again: at once, at most every second later.
// Messages may be lost, when a connection is or a queue is full, and are not sent again: Raft does that. On
// one connection they arrive in order, and undamaged.
//
// Errors: what is wrong with the settings throws std::runtime_error with a sentence from the constructor.
// After that nothing throws: what goes wrong with a peer is in its LinkStatus and in the log.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "peer/call.h"
#include "peer/link_status.h"
#include "peer/settings.h"

namespace lode::env {
class Clock;
}

namespace lode::peer {

class Network {
 public:
  // Binds `settings.listen`; nothing is taken or sent before start(). The clock must outlive it.
  Network(Settings settings, Callbacks callbacks, const env::Clock& clock);
  ~Network();  // stops

  // Requests of this kind go to `handler`. Before start().
  void handle(uint8_t kind, Handler handler);
  void start();
  // Ends all calls as disconnected, and returns when no callback, handler or Done runs or will run, those of
  // calls made from now on aside. Not from the network's thread.
  void stop();

  std::string address() const;  // where it listens, with the real port

  // The members, this node or not. What is new is connected to, what is gone is let go with its connections
  // both ways, the rest is left as it is. Any thread.
  void set_peers(std::vector<Peer> peers);
  // For a node that was in no cluster: from now on it is in this one. Any thread.
  void set_cluster(ClusterId cluster);

  // Any thread, never blocks. False: dropped (unknown, not connected, queue full, larger than a frame may
  // be). Throws std::length_error for more entries, servers or bytes of an entry than a frame can tell.
  bool send(raft::NodeId to, const raft::Message& message);

  // Any thread, never blocks. `done` runs once, on the network's thread, never within call() before stop().
  // A body has at most 32 MiB.
  void call(raft::NodeId to, uint8_t kind, Bytes body, std::chrono::milliseconds timeout, Done done);

  // One for each peer, in the order of their ids. Any thread.
  std::vector<LinkStatus> links() const;

  // Reads the TLS files again; standing connections go on with what they have. Throws std::runtime_error with
  // a sentence, and then nothing has changed. Nothing to do without TLS. Any thread.
  void reload_tls();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::peer
