#include "lodectl/cluster_status.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <ostream>

#include "lodectl/command.h"

namespace lode::lodectl {
namespace {

using simdjson::dom::element;

// A little behind is how a node stands that applies what comes while it comes.
constexpr uint64_t kNearEntries = 64;

template <typename Value>
std::optional<Value> value_of(element object, std::string_view name) {
  Value value;
  if (object[name].get(value)) return std::nullopt;
  return value;
}

std::string text_of(element object, std::string_view name) {
  return std::string(value_of<std::string_view>(object, name).value_or(""));
}

uint64_t number_of(element object, std::string_view name) {
  return value_of<uint64_t>(object, name).value_or(0);
}

ClusterNode parse_node(element object) {
  ClusterNode node;
  node.id = number_of(object, "id");
  node.address = text_of(object, "address");
  node.role = text_of(object, "role");
  node.state = text_of(object, "state");
  node.software = text_of(object, "software");
  node.http = text_of(object, "http");
  node.trouble = text_of(object, "trouble");
  node.self = value_of<bool>(object, "self").value_or(false);
  node.connected = value_of<bool>(object, "connected").value_or(false);
  node.round_trip_ms = value_of<double>(object, "round_trip_ms");
  node.progress = value_of<double>(object, "progress");
  node.applied_entry = value_of<uint64_t>(object, "applied_entry");
  node.lag_entries = value_of<uint64_t>(object, "lag_entries");
  node.applied_offset = value_of<int64_t>(object, "applied_offset");
  element hash;
  if (object["state_hash"].get(hash)) return node;
  node.hash_offset = value_of<int64_t>(hash, "offset");
  node.state_hash = text_of(hash, "hash");
  return node;
}

void parse_leader(element root, ClusterStatus& status) {
  element leader;
  if (root["leader"].get(leader)) return;
  status.leader = value_of<uint64_t>(leader, "id");
  status.leader_http = text_of(leader, "http");
}

void parse_ruleset(element root, ClusterStatus& status) {
  element level, ruleset, building;
  if (!root["level"].get(level)) {
    status.level = number_of(level, "active");
    status.newest_level = number_of(level, "newest");
  }
  if (root["ruleset"].get(ruleset)) return;
  status.ruleset = text_of(ruleset, "hash");
  if (ruleset["building"].get(building)) return;
  status.building = text_of(building, "hash");
  status.building_entry = number_of(building, "entry");
  status.building_of = number_of(building, "of");
}

void parse_divergence(element root, ClusterStatus& status) {
  element divergence;
  simdjson::dom::array nodes;
  if (root["divergence"].get(divergence) || divergence["nodes"].get(nodes)) return;
  status.diverged_entry = value_of<uint64_t>(divergence, "entry");
  for (element node : nodes) {
    uint64_t id = 0;
    if (!node.get(id)) status.diverged.push_back(id);
  }
}

std::string share_text(const ClusterNode& node) {
  return node.progress ? fmt::format("{:.{}f}%", *node.progress * 100, *node.progress < 1 ? 1 : 0) : "";
}

std::string connection_text(const ClusterNode& node) {
  if (node.self) return "self";
  if (!node.connected) return "no";
  return node.round_trip_ms ? fmt::format("yes, {:.1f} ms", *node.round_trip_ms) : "yes";
}

template <typename Value>
std::string optional_text(const std::optional<Value>& value) {
  return value ? std::to_string(*value) : "";
}

std::string role_text(const ClusterStatus& status, const ClusterNode& node) {
  if (status.leader == node.id) return "leader";
  bool usual = node.state.empty() || node.state == "follower" || node.state == "leader";
  return usual ? node.role : node.role + ", " + node.state;
}

Table table_of(const ClusterStatus& status) {
  Table table;
  table.columns = {"node",  "role",      "address", "applied offset", "lag",    "progress",
                   "state", "connected", "version", "http",           "trouble"};
  table.numeric = {true, false, false, true, true, true, false, false, false, false, false};
  for (const ClusterNode& node : status.nodes) {
    table.rows.push_back({std::to_string(node.id), role_text(status, node), node.address,
                          optional_text(node.applied_offset), optional_text(node.lag_entries),
                          share_text(node), std::string(compare_state(status, node)), connection_text(node),
                          node.software, node.http, node.trouble});
  }
  return table;
}

}  // namespace

bool ClusterNode::caught_up() const {
  if (!connected && !self) return false;
  return progress.value_or(0) >= 1 || (lag_entries && *lag_entries <= kNearEntries);
}

const ClusterNode* ClusterStatus::find(uint64_t id) const {
  auto found = std::find_if(nodes.begin(), nodes.end(), [id](const ClusterNode& at) { return at.id == id; });
  return found == nodes.end() ? nullptr : &*found;
}

ClusterStatus parse_cluster(std::string_view json) {
  simdjson::dom::parser parser;
  element root;
  simdjson::dom::array nodes;
  if (parser.parse(json.data(), json.size()).get(root) || root["nodes"].get(nodes))
    throw Failed("the server's answer is no cluster's status; is it a loded of this version?");
  ClusterStatus status;
  status.cluster = text_of(root, "cluster");
  status.node = number_of(root, "node");
  status.state = text_of(root, "state");
  status.term = number_of(root, "term");
  parse_leader(root, status);
  status.commit_entry = number_of(root, "commit_entry");
  status.last_entry = number_of(root, "last_entry");
  status.floor_entry = number_of(root, "floor_entry");
  status.changing = value_of<bool>(root, "changing").value_or(false);
  parse_ruleset(root, status);
  for (element node : nodes) status.nodes.push_back(parse_node(node));
  parse_divergence(root, status);
  status.trouble = text_of(root, "trouble");
  return status;
}

std::string_view compare_state(const ClusterStatus& status, const ClusterNode& node) {
  if (std::find(status.diverged.begin(), status.diverged.end(), node.id) != status.diverged.end())
    return "differs";
  if (node.hash_offset.value_or(-1) < 0) return "";
  bool compared = false;
  for (const ClusterNode& other : status.nodes) {
    if (other.id == node.id || other.hash_offset != node.hash_offset) continue;
    if (other.state_hash != node.state_hash) return "differs";
    compared = true;
  }
  return compared ? "equal" : "";
}

void print_cluster(const ClusterStatus& status, std::ostream& out) {
  out << "cluster: " << (status.cluster.empty() ? "none yet" : status.cluster) << "\n";
  out << "asked: node " << status.node << ", " << status.state << "\n";
  out << "leader: " << (status.leader ? "node " + std::to_string(*status.leader) : "none known");
  if (!status.leader_http.empty()) out << " at http://" << status.leader_http;
  out << ", term " << status.term << "\n";
  out << "log: entries to " << status.last_entry << ", committed to " << status.commit_entry;
  if (status.floor_entry > 0) out << ", kept from " << status.floor_entry + 1;
  out << (status.changing ? "; members are changing\n" : "\n");
  out << "level: " << status.level;
  if (status.newest_level > status.level)
    out << " of " << status.newest_level << " (lodectl cluster finalize, once every node is new)";
  out << "\nruleset: " << status.ruleset << "\n";
  if (!status.building.empty()) {
    out << "ruleset in the making: " << status.building << ", entry " << status.building_entry << " of "
        << status.building_of << "\n";
  }
  if (!status.diverged.empty()) {
    out << "DIFFERENT STATES";
    if (status.diverged_entry) out << " at entry " << *status.diverged_entry;
    out << ": the rows of the nodes marked 'differs' are not those of the others\n";
  }
  if (!status.trouble.empty()) out << "trouble: " << status.trouble << "\n";
  if (!status.nodes.empty()) {
    out << "\n";
    print_table(table_of(status), out);
  }
}

}  // namespace lode::lodectl
