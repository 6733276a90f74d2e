#include "cluster/identity.h"

#include <sodium.h>

#include <algorithm>
#include <stdexcept>

#include "peer/fields.h"
#include "record/batch.h"

namespace lode::cluster {

namespace {

constexpr size_t kMaxAddress = 256;

std::string encode(const std::set<uint64_t>& ids) {
  std::string bytes;
  peer::FieldWriter out(bytes);
  for (const uint64_t id : ids) out.number(id);
  return bytes;
}

std::set<uint64_t> read_ids(const log::Log& log, std::string_view name) {
  std::set<uint64_t> ids;
  const auto bytes = log.get_meta(name);
  if (!bytes) return ids;
  for (peer::FieldReader in(*bytes); in.left() > 0;) ids.insert(in.number<uint64_t>());
  return ids;
}

std::vector<peer::Peer> read_peers(const log::Log& log, std::string_view name) {
  std::vector<peer::Peer> peers;
  const auto bytes = log.get_meta(name);
  if (!bytes) return peers;
  for (peer::FieldReader in(*bytes); in.left() > 0;) {
    const raft::NodeId id{in.number<uint64_t>()};
    peers.push_back({id, std::string(in.text(kMaxAddress))});
  }
  return peers;
}

}  // namespace

Identity::Identity(log::Log& log) : log_(log) {
  try {
    if (const auto bytes = log.get_meta("cluster/id")) {
      if (bytes->size() != cluster_.bytes.size())
        throw record::Corruption("log: the cluster's id can't be read");
      std::copy(bytes->begin(), bytes->end(), cluster_.bytes.begin());
    }
    members_ = read_ids(log, "cluster/members");
    joined_ = read_ids(log, "cluster/joined");
    founding_ = read_peers(log, "cluster/founding");
  } catch (const peer::BadFrame& error) {
    throw record::Corruption("log: what it knows of the cluster can't be read: " + std::string(error.what()));
  }
}

peer::ClusterId Identity::cluster() const {
  std::lock_guard lock(mutex_);
  return cluster_;
}

void Identity::set_cluster(peer::ClusterId cluster) {
  std::lock_guard lock(mutex_);
  log_.put_meta("cluster/id", {reinterpret_cast<const char*>(cluster.bytes.data()), cluster.bytes.size()});
  cluster_ = cluster;
}

void Identity::begin_anew(raft::NodeId self) {
  set_cluster(random_cluster_id());
  std::lock_guard lock(mutex_);
  members_ = {self.value};
  joined_.clear();
  log_.put_meta("cluster/members", encode(members_));
  log_.put_meta("cluster/joined", encode(joined_));
}

std::set<uint64_t> Identity::members() const {
  std::lock_guard lock(mutex_);
  return members_;
}

void Identity::add_members(const std::set<uint64_t>& ids) {
  std::lock_guard lock(mutex_);
  if (std::includes(members_.begin(), members_.end(), ids.begin(), ids.end())) return;
  members_.insert(ids.begin(), ids.end());
  log_.put_meta("cluster/members", encode(members_));
}

bool Identity::has_joined(raft::NodeId node) const {
  std::lock_guard lock(mutex_);
  return joined_.contains(node.value);
}

void Identity::add_joined(raft::NodeId node) {
  std::lock_guard lock(mutex_);
  if (joined_.insert(node.value).second) log_.put_meta("cluster/joined", encode(joined_));
}

std::vector<peer::Peer> Identity::founding() const {
  std::lock_guard lock(mutex_);
  return founding_;
}

void Identity::set_founding(const std::vector<peer::Peer>& peers) {
  std::lock_guard lock(mutex_);
  std::string bytes;
  peer::FieldWriter out(bytes);
  for (const peer::Peer& peer : peers) {
    out.number(peer.id.value);
    out.text(peer.address, kMaxAddress);
  }
  log_.put_meta("cluster/founding", bytes);
  founding_ = peers;
}

peer::ClusterId random_cluster_id() {
  if (sodium_init() < 0) throw std::runtime_error("the system has no source of random numbers");
  peer::ClusterId id;
  randombytes_buf(id.bytes.data(), id.bytes.size());
  return id;
}

}  // namespace lode::cluster
