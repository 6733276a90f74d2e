// The road to the leader when it is another node: the cluster's, by a call between nodes; in tests a script.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "raft/message.h"

namespace lode::ingest {

enum class Forwarded : uint8_t {
  taken,       // proposed, all of them, in their order: not yet committed
  not_leader,  // none was proposed
  full,        // none was proposed: too much is in flight there
  unknown,     // no answer: some, all or none
};

class Forwarder {
 public:
  virtual ~Forwarder() = default;
  // `payloads` are encoded record batches. Any thread. `done` is called once, on any thread, never within
  // the call; it is short.
  virtual void forward(raft::NodeId leader, std::vector<std::shared_ptr<const std::string>> payloads,
                       std::chrono::milliseconds timeout, std::function<void(Forwarded)> done) = 0;
};

}  // namespace lode::ingest
