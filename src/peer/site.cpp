#include "peer/site.h"

#include <openssl/rand.h>

#include <boost/asio/post.hpp>
#include <stdexcept>

#include "env/address.h"

namespace lode::peer {
namespace {

uint64_t random_number() {
  uint64_t number = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) != 1)
    throw std::runtime_error("OpenSSL has no random numbers");
  return number;
}

}  // namespace

Site::Site(Settings chosen, Callbacks calls, const env::Clock& time)
    : settings(std::move(chosen)),
      callbacks(std::move(calls)),
      clock(time),
      incarnation(random_number()),
      cluster_(settings.cluster) {
  for (const Peer& peer : settings.peers) env::address_of(peer.address);
  if (settings.tls) {
    tls = std::make_unique<Tls>(*settings.tls, settings.node);
    return;
  }
  std::vector<std::string> addresses{settings.listen};
  for (const Peer& peer : settings.peers) addresses.push_back(peer.address);
  for (const std::string& used : addresses) {
    if (const auto why = needs_tls(used)) throw std::runtime_error(*why);
  }
}

bool Site::post(std::function<void()> task) {
  std::lock_guard lock(mutex_);
  if (ended_) return false;
  boost::asio::post(context, std::move(task));
  return true;
}

void Site::end() {
  std::lock_guard lock(mutex_);
  ended_ = true;
}

Self Site::self() const {
  std::lock_guard lock(mutex_);
  return {cluster_, settings.node};
}

void Site::set_cluster(ClusterId cluster) {
  std::lock_guard lock(mutex_);
  cluster_ = cluster;
}

std::shared_ptr<Traffic> Site::traffic_of(raft::NodeId node) {
  std::lock_guard lock(mutex_);
  auto& traffic = traffic_[node];
  if (!traffic) traffic = std::make_shared<Traffic>();
  return traffic;
}

std::optional<std::string> needs_tls(const std::string& address) {
  if (env::address_of(address).loopback) return std::nullopt;
  return "cluster: " + address +
         " is not an address of this machine alone, so nodes must prove who they are: set "
         "cluster.tls_certificate, cluster.tls_key and cluster.tls_ca";
}

}  // namespace lode::peer
