#include "cluster/cluster.h"

#include <fmt/format.h>
#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "cluster/dispatch.h"
#include "cluster/exchange.h"
#include "cluster/founding.h"
#include "cluster/identity.h"
#include "cluster/installation.h"
#include "cluster/leader_calls.h"
#include "cluster/log_entries.h"
#include "cluster/membership.h"
#include "cluster/readiness.h"
#include "cluster/status_json.h"
#include "env/log.h"
#include "peer/network.h"
#include "raft/configuration.h"
#include "raft/recovery.h"
#include "snapshot/source.h"

namespace lode::cluster {

namespace {
constexpr record::GroupId kGroup{0};
constexpr std::chrono::milliseconds kTick{250};
constexpr std::chrono::milliseconds kHandOverStep{10};
}  // namespace

struct Cluster::Impl final : raft::Listener {
  Impl(Settings chosen, Host& node, log::Log& the_log, const env::Clock& time)
      : settings(std::move(chosen)),
        host(node),
        log(the_log),
        clock(time),
        identity(log),
        members(settings.node, settings.peers),
        membership(settings.node, settings.newest_level, identity, members, host, clock),
        founding(settings, identity, log),
        readiness(settings.leaderless, clock),
        exchange(settings, identity, members, host, log, clock, [this] { return installation.bytes(); }),
        dispatch(settings.node, membership, clock),
        log_entries(log, [this] { return replica ? replica->status().commit : record::EntryIndex{}; }),
        network(peer_settings(settings, identity.cluster()),
                {[this](raft::NodeId from, raft::Message message) { receive(from, std::move(message)); },
                 [this](const peer::Caller& caller) { return refuse_unknown(caller); }},
                clock),
        source(
            source_settings(settings), [this](const auto& folder) { return host.checkpoint(folder); }, clock),
        installation(settings.data_dir / "incoming", settings.reserved_disk_bytes, host, members, network) {
    network.handle(snapshot::kCallKind, source.handler());
    exchange.attach(network);
    dispatch.attach(network);
    calls.attach(network);
    log_entries.attach(network);
  }

  // The network's thread.
  void receive(raft::NodeId from, raft::Message message) {
    if (replica) replica->receive(from, members.address_of(from), std::move(message));
  }
  std::optional<std::string> refuse_unknown(const peer::Caller& caller) const {
    if (members.configuration().servers.empty()) return std::nullopt;  // it is taken in just now
    return "node " + std::to_string(caller.node.value) + " is not a member of this cluster";
  }

  // Told by the replica, one call at a time.
  void committed(std::span<const raft::Committed> entries) override { apply->committed(entries); }
  void in_doubt(std::span<const uint64_t> cookies) override { apply->in_doubt(cookies); }
  void lost(std::span<const uint64_t> cookies) override { apply->lost(cookies); }
  void leading(record::Term term) override {
    env::log_info("cluster.leading", fmt::format("this node leads the cluster, term {}", term.value),
                  {{"term", term.value}});
    apply->leading(term);
  }
  void following() override {
    env::log_info("cluster.following", "this node leads no more");
    apply->following();
  }
  void leader_changed(const std::optional<raft::Server>& leader) override {
    readiness.leader_changed(leader);
    apply->leader_changed(leader);
  }
  void configured(const raft::Configuration& configuration, record::EntryIndex index) override;
  void removed() override {
    env::log_warning("cluster.removed",
                     "this node was removed from the cluster; it answers no writes any more");
    exchange.set_removed();
    apply->removed();
  }
  void install(const raft::Snapshot& snapshot, const raft::Server& leader) override {
    installation.begin(snapshot, leader);
  }

  void connect();
  void run();
  void tick();
  void propose_switch(const raft::Status& status, const Host::State& state);
  std::string address() const { return settings.advertise.empty() ? network.address() : settings.advertise; }

  const Settings settings;
  Host& host;
  log::Log& log;
  const env::Clock& clock;
  Identity identity;
  Members members;
  Membership membership;
  Founding founding;
  Readiness readiness;
  Exchange exchange;
  Dispatch dispatch;
  LeaderCalls calls;
  LogEntries log_entries;
  raft::Listener* apply = nullptr;
  raft::Replica* replica = nullptr;  // set before the network starts
  ingest::Ingest* ingest = nullptr;

  std::atomic<bool> fetching = false;  // start_fetching()
  std::mutex mutex;                    // of `stopping`
  std::condition_variable wake;        // of the thread
  bool stopping = false;
  std::thread thread;
  peer::Network network;  // its callbacks use all of the above
  snapshot::Source source;
  Installation installation;
};

void Cluster::Impl::configured(const raft::Configuration& configuration, record::EntryIndex index) {
  members.configure(configuration, clock.steady_micros());
  membership.configured(configuration);
  connect();
  apply->configured(configuration, index);
}

// A node that has no configuration yet must answer who takes it in.
void Cluster::Impl::connect() {
  auto peers = members.peers(clock.steady_micros());
  if (members.configuration().servers.empty()) peers = settings.peers;
  network.set_peers(std::move(peers));
}

void Cluster::Impl::run() {
  pthread_setname_np(pthread_self(), "lode-cluster");
  std::unique_lock lock(mutex);
  while (!stopping) {
    lock.unlock();
    tick();
    lock.lock();
    wake.wait_for(lock, kTick, [this] { return stopping; });
  }
}

void Cluster::Impl::tick() {
  exchange.tick();
  if (!replica) return;
  connect();
  dispatch.tick();
  membership.tick();
  const raft::Status status = replica->status();
  const Host::State state = host.state();
  readiness.look(status, state.applied);
  propose_switch(status, state);
}

// Once every member has built what was announced.
void Cluster::Impl::propose_switch(const raft::Status& status, const Host::State& state) {
  if (status.state != raft::State::leader || !state.build.caught_up) return;
  for (const raft::Server& server : status.configuration.servers) {
    if (server.id == settings.node) continue;
    const auto heard = members.last_heard(server.id);
    if (!heard) return;
    const Build& build = heard->facts.build;
    if (build.ruleset_hash != state.build.ruleset_hash || !build.caught_up) return;
  }
  host.propose_switch();
}

Cluster::Cluster(Settings settings, Host& host, log::Log& log, const env::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(settings), host, log, clock)) {}

Cluster::~Cluster() { stop(); }

raft::Listener& Cluster::listener(raft::Listener& apply) {
  impl_->apply = &apply;
  return *impl_;
}

bool Cluster::is_fetching() const { return impl_->fetching; }
bool Cluster::is_new() const { return impl_->identity.cluster().none(); }
bool Cluster::is_waiting() const { return is_new() && !raft::is_grouped(impl_->log, kGroup); }

void Cluster::keep_identity() {
  if (!impl_->identity.cluster().none()) return;
  impl_->identity.set_cluster(random_cluster_id());
  impl_->network.set_cluster(impl_->identity.cluster());
}

std::optional<log::StoredEntry> Cluster::fetch_entry(record::EntryIndex index) {
  return cluster::fetch_entry(impl_->network, index);
}

std::string Cluster::id_text() const { return is_new() ? "" : impl_->identity.cluster().text(); }

void Cluster::start_waiting() {
  impl_->exchange.start(nullptr);
  impl_->network.start();
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

void Cluster::start_fetching(record::EntryIndex least) {
  Impl& c = *impl_;
  c.fetching = true;
  c.members.configure(raft::newest_configuration(raft::recover(c.log, kGroup)), c.clock.steady_micros());
  c.exchange.set_fetching();
  c.exchange.start(nullptr);
  c.connect();
  c.network.start();
  c.installation.start(least, [&c] { c.host.restart(Host::Restart::again); });
  c.thread = std::thread([&c] { c.run(); });
}

void Cluster::start(raft::Replica& replica, ingest::Ingest& ingest) {
  impl_->replica = &replica;
  impl_->ingest = &ingest;
  impl_->calls.start(ingest);
  impl_->membership.start(replica);
  impl_->dispatch.start(replica);
  impl_->exchange.start(&replica);
  impl_->installation.start(replica);
  const raft::Configuration configuration = replica.status().configuration;
  impl_->members.configure(configuration, impl_->clock.steady_micros());
  if (!configuration.servers.empty()) impl_->membership.configured(configuration);
  impl_->readiness.start();
  impl_->connect();
  impl_->network.start();
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

void Cluster::set_client_addresses(const std::string& http, const std::string& tcp) {
  impl_->exchange.set_client_addresses(http, tcp);
}

// The library gives a hand-over up that the other end did not take, without a word: it is begun again.
void Cluster::hand_over(std::chrono::milliseconds within) {
  Impl& c = *impl_;
  if (!c.replica) return;
  const auto until = std::chrono::steady_clock::now() + within;
  while (std::chrono::steady_clock::now() < until) {
    const raft::Status status = c.replica->status();
    if (status.state != raft::State::leader || raft::voters(status.configuration) < 2) return;
    if (status.transferring_to.value == 0) c.replica->transfer({0});
    if (c.readiness.wait_for_other_leader(c.settings.node, kHandOverStep)) return;
  }
}

void Cluster::stop() {
  Impl& c = *impl_;
  {
    std::lock_guard lock(c.mutex);
    if (std::exchange(c.stopping, true)) return;
  }
  c.wake.notify_all();
  if (c.thread.joinable()) c.thread.join();
  c.dispatch.stop();
  c.membership.stop();
  c.installation.stop();
  c.network.stop();
  c.source.stop();
}

void Cluster::command(const Command& command, std::function<void(CommandAnswer)> done) {
  Impl& c = *impl_;
  const auto answer = [&](const CommandAnswer& said, Host::Restart how) {
    done(said);
    if (said.status == 200) c.host.restart(how);
  };
  if (command.name == "init") return answer(c.founding.init(c.address()), Host::Restart::again);
  if (command.name == "unsafe-recover")
    return answer(c.founding.recover_alone(command.id, c.replica), Host::Restart::alone);
  if (c.fetching) return done(refuse(503, "not_ready", c.installation.text()));
  if (!c.replica)
    return done(refuse(409, "not_in_cluster",
                       "This node is of no cluster yet: start one with `lodectl cluster init`, or add this "
                       "node on a member with `lodectl cluster add`."));
  c.dispatch.send(command, std::move(done));
}

Report Cluster::report() const {
  const Impl& c = *impl_;
  Report out;
  out.own = c.exchange.own();
  out.address = c.address();
  if (c.replica) {
    out.group = c.replica->status();
    out.own.place = c.exchange.place_in(*out.group);  // as of the same moment as its term
  }
  out.links = c.network.links();
  out.divergence = c.exchange.divergence();
  out.agreed_entry = c.exchange.agreed();
  out.held = c.source.held_entry();
  out.trouble = c.exchange.trouble();
  return out;
}

std::string Cluster::status_json() const {
  return cluster::status_json(report(), impl_->members, impl_->clock.steady_micros());
}

std::optional<Cluster::Leader> Cluster::leader() const {
  const Impl& c = *impl_;
  if (!c.replica) return std::nullopt;
  const auto leader = c.replica->leader();
  if (!leader) return std::nullopt;
  Leader out{leader->id == c.settings.node, leader->id.value, "", ""};
  if (const auto heard = c.members.last_heard(leader->id)) {
    out.http = heard->facts.http;
    out.tcp = heard->facts.tcp;
  }
  return out;
}

void Cluster::barrier(std::function<void(std::optional<ingest::Refusal>, int64_t)> done) {
  Impl& c = *impl_;
  const auto leader = c.replica ? c.replica->leader() : std::nullopt;
  if (!leader) return done(no_leader_refusal(), -1);
  if (leader->id == c.settings.node) return c.ingest->barrier(std::move(done));
  c.calls.barrier(leader->id, std::move(done));
}

std::string Cluster::not_ready() const {
  const Impl& c = *impl_;
  if (c.fetching) return c.installation.text();
  if (!c.replica) {
    if (auto trouble = c.exchange.trouble(); !trouble.empty()) return trouble;
    return "this node is empty and of no cluster yet: start one with `lodectl cluster init` on one node, or "
           "add this one on a member with `lodectl cluster add`";
  }
  if (c.exchange.is_removed()) return "this node was removed from the cluster";
  const Facts own = c.exchange.own();
  if (own.place == Place::installing) return c.installation.text();
  return c.readiness.trouble(own.applied);
}

bool Cluster::waits_for_others() const {
  const Impl& c = *impl_;
  if (c.fetching) return false;
  if (!c.replica || c.exchange.is_removed()) return true;
  return c.exchange.own().place != Place::installing && c.readiness.is_leaderless();
}

void Cluster::reload_tls() { impl_->network.reload_tls(); }

std::string Cluster::not_readable() const {
  return !impl_->replica || impl_->exchange.is_removed() ? not_ready() : "";
}

void Cluster::send(raft::NodeId to, const std::string&, raft::Message message) {
  impl_->network.send(to, message);
}

void Cluster::forward(raft::NodeId leader, std::vector<std::shared_ptr<const std::string>> payloads,
                      std::chrono::milliseconds timeout, std::function<void(ingest::Forwarded)> done) {
  impl_->calls.forward(leader, payloads, timeout, std::move(done));
}

}  // namespace lode::cluster
