#include "peer/network.h"

#include <fmt/format.h>
#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <map>
#include <stdexcept>
#include <thread>
#include <utility>

#include "env/address.h"
#include "env/log.h"
#include "peer/inbound.h"
#include "peer/link.h"
#include "peer/site.h"

namespace lode::peer {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kRetryAccept{100};  // after an error such as too many open files
constexpr const char* kStopping = "this node is stopping";

}  // namespace

struct Network::Impl {
  Impl(Settings settings, Callbacks callbacks, const env::Clock& clock);

  std::shared_ptr<Link> find(raft::NodeId node) const;
  void bind();
  void accept();
  void take_peers();
  void apply_peers(std::vector<Peer> peers);
  void close_everything();

  const std::shared_ptr<Site> site;
  InboundSet inbounds;
  tcp::acceptor acceptor;
  asio::steady_timer accept_timer;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
  std::string listening;
  std::thread thread;

  mutable std::mutex mutex;
  std::map<raft::NodeId, std::shared_ptr<Link>> links;  // guarded by mutex; changed on the thread only
  std::optional<std::vector<Peer>> next_peers;          // guarded by mutex
};

Network::Impl::Impl(Settings settings, Callbacks callbacks, const env::Clock& clock)
    : site(std::make_shared<Site>(std::move(settings), std::move(callbacks), clock)),
      inbounds(site,
               [this](raft::NodeId node) {
                 if (const auto link = find(node)) link->hurry();
               }),
      acceptor(site->context),
      accept_timer(site->context),
      work(site->context.get_executor()),
      next_peers(site->settings.peers) {
  bind();
}

void Network::Impl::bind() {
  const env::Address address = env::address_of(site->settings.listen);
  const tcp::endpoint endpoint(asio::ip::make_address(address.host), address.port);
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    throw std::runtime_error("cluster.listen: cannot listen on " + site->settings.listen + ": " +
                             error.message());
  const auto bound = acceptor.local_endpoint();
  listening = env::address_text(bound.address().to_string(), bound.port());
  site->address = site->settings.address.empty() ? listening : site->settings.address;
  env::log_info(
      "peer.listening",
      fmt::format("listening for other nodes on {}, {}", listening, site->tls ? "with TLS" : "without TLS"),
      {{"address", listening}, {"tls", site->tls ? "with TLS" : "without TLS"}});
}

void Network::Impl::accept() {
  acceptor.async_accept([this](error_code error, tcp::socket socket) {
    if (!acceptor.is_open()) return;
    if (!error) {
      inbounds.take(std::move(socket));
      return accept();
    }
    accept_timer.expires_after(kRetryAccept);
    accept_timer.async_wait([this](error_code stopped) {
      if (!stopped && acceptor.is_open()) accept();
    });
  });
}

std::shared_ptr<Link> Network::Impl::find(raft::NodeId node) const {
  std::lock_guard lock(mutex);
  const auto found = links.find(node);
  return found == links.end() ? nullptr : found->second;
}

void Network::Impl::apply_peers(std::vector<Peer> peers) {
  if (!acceptor.is_open()) return;  // what would begin now nobody would end
  std::erase_if(peers, [&](const Peer& peer) { return peer.id == site->settings.node; });
  std::map<raft::NodeId, std::shared_ptr<Link>> wanted;
  std::vector<std::shared_ptr<Link>> fresh;
  std::set<raft::NodeId> known;
  for (const Peer& peer : peers) {
    known.insert(peer.id);
    auto link = find(peer.id);
    if (!link || link->peer() != peer) fresh.push_back(link = std::make_shared<Link>(site, peer));
    wanted[peer.id] = std::move(link);
  }
  {
    std::lock_guard lock(mutex);
    links.swap(wanted);
  }
  for (const auto& [node, old] : wanted) {
    if (find(node) != old) old->stop("the members of the cluster have changed");
  }
  for (const auto& link : fresh) link->start();
  inbounds.set_known(std::move(known));
}

void Network::Impl::take_peers() {
  std::optional<std::vector<Peer>> next;
  {
    std::lock_guard lock(mutex);
    next.swap(next_peers);
  }
  if (next) apply_peers(std::move(*next));
}

void Network::Impl::close_everything() {
  error_code ignored;
  acceptor.close(ignored);
  accept_timer.cancel();
  std::map<raft::NodeId, std::shared_ptr<Link>> all;
  {
    std::lock_guard lock(mutex);
    all.swap(links);
  }
  for (const auto& [node, link] : all) link->stop(kStopping);
  inbounds.close_all(kStopping);
}

Network::Network(Settings settings, Callbacks callbacks, const env::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(callbacks), clock)) {}

Network::~Network() { stop(); }

void Network::handle(uint8_t kind, Handler handler) { impl_->site->handlers[kind] = std::move(handler); }

void Network::start() {
  impl_->site->post([impl = impl_.get()] {
    impl->take_peers();
    impl->accept();
  });
  impl_->thread = std::thread([impl = impl_.get()] {
    pthread_setname_np(pthread_self(), "lode-peer");
    impl->site->context.run();
  });
}

void Network::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->site->post([impl = impl_.get()] { impl->close_everything(); });
  impl_->site->end();
  impl_->work.reset();
  impl_->thread.join();
}

std::string Network::address() const { return impl_->listening; }

void Network::set_peers(std::vector<Peer> peers) {
  {
    std::lock_guard lock(impl_->mutex);
    if (std::exchange(impl_->next_peers, std::move(peers)))
      return;  // the thread has yet to take the last ones
  }
  impl_->site->post([impl = impl_.get()] { impl->take_peers(); });
}

void Network::set_cluster(ClusterId cluster) { impl_->site->set_cluster(cluster); }

bool Network::send(raft::NodeId to, const raft::Message& message) {
  const auto link = impl_->find(to);
  return link && link->send(message);
}

void Network::call(raft::NodeId to, uint8_t kind, Bytes body, std::chrono::milliseconds timeout, Done done) {
  if (const auto link = impl_->find(to)) return link->call(kind, std::move(body), timeout, done);
  const Answer answer{
      Outcome::not_sent, "unknown_node", "node " + std::to_string(to.value) + " is not a known peer", {}};
  if (!impl_->site->post([done, answer] { done(answer); })) done(answer);
}

std::vector<LinkStatus> Network::links() const {
  std::vector<LinkStatus> all;
  std::lock_guard lock(impl_->mutex);
  for (const auto& [node, link] : impl_->links) all.push_back(link->status());
  return all;
}

void Network::reload_tls() {
  if (impl_->site->tls) impl_->site->tls->reload();
}

}  // namespace lode::peer
