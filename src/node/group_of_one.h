// A group of this node alone: whether the log is one's, how it begins, and whom it talks to.
#pragma once

#include "log/log.h"
#include "raft/message.h"
#include "raft/network.h"

namespace lode::node {

// By the newest configuration in the log, committed or not; also for a log of the time before there were
// groups. Before the group starts.
bool is_only_member(log::Log& log, record::GroupId group);
// A new log, and one of that time, becomes that of a group of `self`; any other stays as it is.
void begin_group(log::Log& log, record::GroupId group, const raft::Server& self);

struct NoPeers final : raft::Network {
  void send(raft::NodeId, const std::string&, raft::Message) override {}
};

}  // namespace lode::node
