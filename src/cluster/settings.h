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
#include "snapshot/source.h"

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
  uint64_t snapshot_bytes_per_second = 0;      // of its state that it sends to others; 0: no bound
  std::chrono::milliseconds leaderless{2000};  // so long without a leader, and /readyz says so
};

// What the transport between nodes, and who sends states over it, need of it.
peer::Settings peer_settings(const Settings& settings, peer::ClusterId cluster);
snapshot::SourceSettings source_settings(const Settings& settings);

}  // namespace lode::cluster
