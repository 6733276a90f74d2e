// Proposals and barriers on their way to the leader, and their arrival there. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ingest/forwarder.h"
#include "ingest/ingest.h"
#include "peer/network.h"

namespace lode::cluster {

class LeaderCalls {
 public:
  using Barrier = std::function<void(std::optional<ingest::Refusal>, int64_t offset)>;

  // Makes the handlers known. Before the network's start; `ingest` is set before it, too, or stays null.
  void attach(peer::Network& network);
  void start(ingest::Ingest& ingest) { ingest_ = &ingest; }

  void forward(raft::NodeId leader, const std::vector<std::shared_ptr<const std::string>>& payloads,
               std::chrono::milliseconds timeout, std::function<void(ingest::Forwarded)> done);
  void barrier(raft::NodeId leader, Barrier done);

 private:
  void take_proposals(const peer::Request& request, const peer::Responder& responder);
  void take_barrier(const peer::Responder& responder);

  peer::Network* network_ = nullptr;
  ingest::Ingest* ingest_ = nullptr;
};

ingest::Refusal no_leader_refusal();

}  // namespace lode::cluster
