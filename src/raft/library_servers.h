// A configuration as the Raft library takes it; keeps the pointers alive. Seen by this folder's .cpp files
// alone.
#pragma once

#include <vector>

#include "raft/library.h"
#include "raft/message.h"

namespace lode::raft {

class LibraryServers {
 public:
  LibraryServers(const Configuration& configuration, record::EntryIndex index) {
    for (const Server& server : configuration.servers)
      list_.push_back({server.id.value, server.address.c_str(), static_cast<int>(server.role)});
    servers_ = {list_.data(), list_.size(), index.value};
  }
  LibraryServers(Configuration&&, record::EntryIndex) = delete;  // it would point to nothing
  LibraryServers(const LibraryServers&) = delete;
  LibraryServers& operator=(const LibraryServers&) = delete;
  const library_servers& get() const { return servers_; }

 private:
  std::vector<library_server> list_;
  library_servers servers_{};
};

}  // namespace lode::raft
