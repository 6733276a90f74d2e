// Where a group's messages go. Fire and forget: a message that can't go out is dropped, the group sends
// again.
#pragma once

#include <string>

#include "raft/message.h"

namespace lode::raft {

class Network {
 public:
  virtual ~Network() = default;
  // Must not block, and must not call back into the group. `address` is what the group knows of `to`: from
  // the configuration, or what the sender of the message answered said; may be empty.
  virtual void send(NodeId to, const std::string& address, Message message) = 0;
};

}  // namespace lode::raft
