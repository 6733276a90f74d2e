// Brings a membership command to the leader, wherever it is, and tries again while there is none. Any thread,
// except tick().
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "cluster/membership.h"
#include "peer/network.h"

namespace lode::cluster {

class Dispatch {
 public:
  static constexpr uint8_t kCommandKind = 3;
  using Done = Membership::Done;

  Dispatch(raft::NodeId self, Membership& membership, const env::Clock& clock);
  void attach(peer::Network& network);  // before the network's start
  void start(raft::Replica& replica) { replica_ = &replica; }
  void send(const Command& command, Done done);
  void tick();
  void stop();  // answers what waits

 private:
  struct Waiting {
    Command command;
    Done done;
    int64_t deadline_micros = 0;
  };
  void attempt(Waiting waiting);
  void answered(const Waiting& waiting, CommandAnswer answer);

  const raft::NodeId self_;
  Membership& membership_;
  const env::Clock& clock_;
  peer::Network* network_ = nullptr;
  raft::Replica* replica_ = nullptr;
  std::mutex mutex_;
  std::vector<Waiting> waiting_;
  bool stopped_ = false;
};

}  // namespace lode::cluster
