// A configuration as the C core takes it; keeps the pointers alive. Seen by this folder's .cpp files alone.
#pragma once

#include <vector>

#include "raft/core.h"
#include "raft/message.h"

namespace lode::raft {

class CoreServers {
 public:
  CoreServers(const Configuration& configuration, record::EntryIndex index) {
    for (const Server& server : configuration.servers)
      list_.push_back({server.id.value, server.address.c_str(), static_cast<int>(server.role)});
    servers_ = {list_.data(), list_.size(), index.value};
  }
  CoreServers(Configuration&&, record::EntryIndex) = delete;  // it would point to nothing
  CoreServers(const CoreServers&) = delete;
  CoreServers& operator=(const CoreServers&) = delete;
  const core_servers& get() const { return servers_; }

 private:
  std::vector<core_server> list_;
  core_servers servers_{};
};

}  // namespace lode::raft
