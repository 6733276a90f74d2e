#include "node/cluster_config.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "env/address.h"
#include "materialize/control_state.h"
#include "node/version.h"

namespace lode::node {

namespace {

constexpr uint64_t kMostEventBytes = 8ull << 20;  // an entry must fit into one message

[[noreturn]] void fail(const std::string& place, const std::string& what) {
  throw InvalidConfig(place + ": " + what);
}

peer::Peer peer_of(const std::string& text) {
  const size_t equals = std::min(text.find('='), text.size());
  uint64_t id = 0;
  const char* const end = text.data() + equals;
  const auto [stop, error] = std::from_chars(text.data(), end, id);
  if (error != std::errc() || stop != end || id == 0 || id > UINT32_MAX || equals == text.size() ||
      !env::parse_address(text.substr(equals + 1)))
    fail("cluster.peers", "'" + text + "' is no id=address:port; write 1=127.0.0.1:7072");
  return {{id}, text.substr(equals + 1)};
}

void check_tls(const Config& config, const std::vector<peer::Peer>& peers) {
  const bool some = !config.tls_certificate.empty() || !config.tls_key.empty() || !config.tls_ca.empty();
  const bool all = !config.tls_certificate.empty() && !config.tls_key.empty() && !config.tls_ca.empty();
  if (some && !all)
    fail("cluster.tls_certificate",
         "the certificate, its key (tls_key) and the authority (tls_ca) go together");
  if (all) return;
  auto check = [](const std::string& key, const std::string& address) {
    const auto parsed = env::parse_address(address);
    if (!parsed) fail(key, "'" + address + "' is no address:port; write 10.0.0.1:7072 or [::1]:7072");
    if (!parsed->loopback)
      fail(key, "'" + address +
                    "' is not a loopback address: between machines the nodes need certificates. Set "
                    "cluster.tls_certificate, tls_key and tls_ca");
  };
  check("cluster.listen", config.cluster_listen);
  if (!config.cluster_advertise.empty()) check("cluster.advertise", config.cluster_advertise);
  for (const peer::Peer& peer : peers) check("cluster.peers", peer.address);
}

}  // namespace

bool is_clustered(const Config& config) { return !config.cluster_listen.empty(); }

bool has_peers(const Config& config) {
  return std::any_of(config.cluster_peers.begin(), config.cluster_peers.end(),
                     [&](const std::string& text) { return peer_of(text).id.value != config.cluster_id; });
}

cluster::Settings cluster_settings(const Config& config) {
  cluster::Settings out;
  out.node = {config.cluster_id};
  out.listen = config.cluster_listen;
  out.advertise = config.cluster_advertise;
  for (const std::string& text : config.cluster_peers) out.peers.push_back(peer_of(text));
  if (!config.tls_certificate.empty()) out.tls = {config.tls_certificate, config.tls_key, config.tls_ca};
  out.software = kVersion;
  out.data_dir = config.data_dir;
  out.reserved_disk_bytes = config.reserved_disk_bytes;
  out.snapshot_bytes_per_second = config.snapshot_bytes_per_second;
  out.newest_level = materialize::kNewestLevel;
  return out;
}

void check_cluster(const Config& config) {
  std::vector<peer::Peer> peers;
  std::set<uint64_t> ids;
  for (const std::string& text : config.cluster_peers) {
    peers.push_back(peer_of(text));
    if (!ids.insert(peers.back().id.value).second)
      fail("cluster.peers", "node " + std::to_string(peers.back().id.value) + " is named twice");
  }
  if (config.cluster_listen.empty()) {
    if (has_peers(config))
      fail("cluster.listen",
           "other nodes are named in cluster.peers, but this one has no address for them; write "
           "127.0.0.1:7072");
    return;
  }
  for (const auto* address : {&config.cluster_listen, &config.cluster_advertise}) {
    if (!address->empty() && !env::parse_address(*address))
      fail(address == &config.cluster_listen ? "cluster.listen" : "cluster.advertise",
           "'" + *address + "' is no address:port; write 127.0.0.1:7072 or [::1]:7072");
  }
  check_tls(config, peers);
  if (config.heartbeat_ms * 2 > config.election_ms)
    fail("cluster.heartbeat_ms", "it is " + std::to_string(config.heartbeat_ms) +
                                     " and cluster.election_ms is " + std::to_string(config.election_ms) +
                                     ": a leader must be heard at least twice in that time");
  if (config.event_bytes > kMostEventBytes)
    fail("limits.event_bytes",
         "in a cluster an event has at most " + std::to_string(kMostEventBytes) + " bytes");
}

}  // namespace lode::node
