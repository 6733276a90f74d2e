// What a node's place in a cluster is made from.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "peer/settings.h"
#include "raft/message.h"

namespace lode::cluster {

struct Settings {
  raft::NodeId node;
  std::string listen;             // IP:port of the peer listener
  std::string advertise;          // where other nodes call this one; empty: `listen`
  std::vector<peer::Peer> peers;  // as configured; these addresses win over what anybody else says
  std::optional<peer::TlsFiles> tls;
  std::string software;            // version of the program
  uint32_t newest_level = 1;       // feature level that the program knows
  std::filesystem::path data_dir;  // snapshots come into incoming/ and go from outgoing/
  uint64_t reserved_disk_bytes = 0;
  std::chrono::milliseconds leaderless{2000};  // so long without a leader, and /readyz says so
};

}  // namespace lode::cluster
