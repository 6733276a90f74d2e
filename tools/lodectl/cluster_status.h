// GET /v1/cluster as one node tells it, and how it is shown. Pure.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lodectl/table.h"

namespace lode::lodectl {

struct ClusterNode {
  uint64_t id = 0;
  std::string address, role, state, software, http, trouble;  // role: voter or standby
  bool self = false;
  bool connected = false;  // to the node that tells
  std::optional<double> round_trip_ms, progress;
  std::optional<uint64_t> applied_entry, lag_entries;
  std::optional<int64_t> applied_offset, hash_offset;
  std::string state_hash;  // at hash_offset

  bool votes() const { return role == "voter"; }
  // As near as a node comes that is sent all there is.
  bool caught_up() const;
};

struct ClusterStatus {
  std::string cluster;  // "" : it is in none
  uint64_t node = 0;    // who tells
  std::string state;
  uint64_t term = 0;
  std::optional<uint64_t> leader;
  std::string leader_http;
  uint64_t commit_entry = 0, last_entry = 0, floor_entry = 0;
  bool changing = false;
  uint64_t level = 0, newest_level = 0;
  std::string ruleset;
  std::string building;  // the ruleset that is being prepared; "" for none
  uint64_t building_entry = 0, building_of = 0;
  std::vector<ClusterNode> nodes;
  std::vector<uint64_t> diverged;  // nodes whose state differs
  std::optional<uint64_t> diverged_entry;
  std::string trouble;

  const ClusterNode* find(uint64_t id) const;
};

// Throws Failed when it is no such thing.
ClusterStatus parse_cluster(std::string_view json);

// Whether this node's state is that of the others at the same offset; "" when nobody can tell.
std::string_view compare_state(const ClusterStatus& status, const ClusterNode& node);

void print_cluster(const ClusterStatus& status, std::ostream& out);

}  // namespace lode::lodectl
