#include "cluster/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "env/log.h"
#include "peer/fields.h"
#include "raft/configuration.h"

namespace lode::cluster {

namespace {

constexpr int64_t kPollMicros = 1'000'000;
constexpr std::chrono::milliseconds kCallTimeout{2000};

}  // namespace

Exchange::Exchange(const Settings& settings, Identity& identity, Members& members, Host& host, log::Log& log,
                   const env::Clock& clock, Fetch fetch)
    : settings_(settings),
      identity_(identity),
      members_(members),
      host_(host),
      log_(log),
      clock_(clock),
      fetch_(std::move(fetch)) {
  own_.node = settings.node;
}

void Exchange::attach(peer::Network& network) {
  network_ = &network;
  network.handle(kFactsKind, [this](peer::Request request, peer::Responder responder) {
    try {
      answer_facts(request, responder);
    } catch (const peer::BadFrame& error) {
      responder.fail("bad_request", error.what());
    }
  });
  network.handle(kJoinKind, [this](peer::Request request, peer::Responder responder) {
    try {
      answer_join(request, responder);
    } catch (const peer::BadFrame& error) {
      responder.fail("bad_request", error.what());
    }
  });
  network.handle(kPackKind, [this](const peer::Request&, const peer::Responder& responder) {
    if (!replica_) return responder.fail("not_ready", "this node is of no cluster yet");
    responder.ok(peer::Bytes(encode(pack())));
  });
}

void Exchange::set_client_addresses(const std::string& http, const std::string& tcp) {
  std::lock_guard lock(mutex_);
  http_ = http;
  tcp_ = tcp;
}

Place Exchange::place_in(const raft::Status& status) const {
  if (removed_) return Place::removed;
  if (status.installing) return Place::installing;
  switch (status.state) {
    case raft::State::leader:
      return Place::leader;
    case raft::State::candidate:
      return Place::candidate;
    default:
      return Place::follower;
  }
}

Facts Exchange::own() const {
  std::lock_guard lock(mutex_);
  return own_;
}

std::string Exchange::trouble() const {
  std::lock_guard lock(mutex_);
  return trouble_;
}

std::optional<Divergence> Exchange::divergence() const {
  std::lock_guard lock(mutex_);
  return comparison_.divergence();
}

uint64_t Exchange::agreed() const {
  std::vector<raft::NodeId> nodes;
  for (const raft::Server& server : members_.configuration().servers) nodes.push_back(server.id);
  std::lock_guard lock(mutex_);
  return comparison_.agreed(nodes);
}

void Exchange::tick() {
  refresh();
  std::vector<raft::NodeId> to_join;
  {
    std::lock_guard lock(mutex_);
    to_join.swap(to_join_);
  }
  for (const raft::NodeId node : to_join) send_join(node);
  const int64_t now = clock_.steady_micros();
  if (now - kPollMicros < polled_micros_) return;
  polled_micros_ = now;
  poll();
  compare();
}

void Exchange::refresh() {
  Facts facts;
  facts.cluster = identity_.cluster();
  facts.node = settings_.node;
  facts.software = settings_.software;
  facts.newest_level = settings_.newest_level;
  if (replica_) {
    const raft::Status status = replica_->status();
    facts.place = place_in(status);
    facts.term = status.term.value;
    if (status.leader) facts.leader = status.leader->id;
    facts.commit = status.commit.value;
    facts.last = status.last.value;
    facts.floor = status.floor.value;
    Host::State state = host_.state();
    facts.applied = state.applied;
    facts.applied_offset = state.applied_offset;
    facts.state_hash = state.hash;
    facts.marks = std::move(state.marks);
    facts.level = state.level;
    facts.ruleset_hash = state.ruleset_hash;
    facts.build = state.build;
  }
  if (fetching_) facts.place = Place::installing;
  std::tie(facts.fetched_bytes, facts.fetch_bytes) = fetch_();
  std::lock_guard lock(mutex_);
  facts.http = http_;
  facts.tcp = tcp_;
  facts.trouble = trouble_;
  own_ = std::move(facts);
}

void Exchange::poll() {
  const raft::Configuration configuration = members_.configuration();
  FactsRequest request;
  request.cluster = identity_.cluster();
  request.node = settings_.node;
  request.address = settings_.advertise.empty() ? network_->address() : settings_.advertise;
  for (const peer::Peer& peer : members_.peers(clock_.steady_micros())) {
    request.joined = raft::is_voter(configuration, peer.id) || identity_.has_joined(peer.id);
    network_->call(peer.id, kFactsKind, peer::Bytes(encode(request)), kCallTimeout,
                   [this, node = peer.id](const peer::Answer& answer) {
                     if (answer.outcome != peer::Outcome::ok) return;
                     try {
                       heard(node, decode_facts(answer.body.view));
                     } catch (const peer::BadFrame& error) {
                       env::log_warning(
                           "facts.unreadable",
                           fmt::format("node {}: its facts can't be read: {}", node.value, error.what()),
                           {{"node", node.value}, {"error", error.what()}});
                     }
                   });
  }
}

// The network's thread.
void Exchange::heard(raft::NodeId from, const Facts& facts) {
  if (facts.node != from) return;
  members_.heard(facts, clock_.steady_micros());
  if (!facts.cluster.none()) {
    if (facts.cluster == identity_.cluster()) identity_.add_joined(from);
    return;
  }
  const raft::Configuration configuration = members_.configuration();
  if (!raft::find(configuration, from)) return;
  std::lock_guard lock(mutex_);
  if (raft::is_voter(configuration, from) || identity_.has_joined(from)) {  // it is told so when asked
    if (told_wiped_.insert(from.value).second)
      env::log_error("member.wiped",
                     fmt::format("node {} is a member and had data, but its folder is empty: its disk was "
                                 "lost or wiped. It is not "
                                 "taken in under this id: `lodectl cluster replace {} <new id>=<address>` "
                                 "puts another in its place",
                                 from.value, from.value),
                     {{"node", from.value}});
    return;
  }
  to_join_.push_back(from);
}

Join Exchange::pack() const {
  Join join;
  join.cluster = identity_.cluster();
  join.secret = log_.get_meta("secret").value_or("");
  join.controls = host_.controls();
  join.members = identity_.members();
  return join;
}

void Exchange::send_join(raft::NodeId to) {
  env::log_info("member.joins",
                fmt::format("node {} is empty and joins: it gets the cluster's id and ruleset", to.value),
                {{"node", to.value}});
  network_->call(to, kJoinKind, peer::Bytes(encode(pack())), kCallTimeout, [to](const peer::Answer& answer) {
    if (answer.outcome != peer::Outcome::ok)
      env::log_warning("member.not_joined", fmt::format("node {} did not join: {}", to.value, answer.detail),
                       {{"node", to.value}, {"error", answer.detail}});
  });
}

// The network's thread.
void Exchange::answer_facts(const peer::Request& request, const peer::Responder& responder) {
  const FactsRequest asked = decode_facts_request(request.body.view);
  if (asked.node != request.from) throw peer::BadFrame("it asks in another node's name");
  members_.told_address(asked.node, asked.address);
  if (identity_.cluster().none() && asked.joined) {
    std::lock_guard lock(mutex_);
    const std::string why = "this data folder is empty, but node " + std::to_string(settings_.node.value) +
                            " is a member of cluster " + asked.cluster.text() +
                            " already and had data: its disk was lost or wiped. It can't come back under its "
                            "old id. Give it a new "
                            "cluster.id, and on a member say: lodectl cluster replace " +
                            std::to_string(settings_.node.value) +
                            " <new id>=<address> (or, when it was removed already, add <new id>=<address>)";
    if (trouble_ != why) env::log_error("facts.trouble", why);
    trouble_ = why;
  }
  responder.ok(peer::Bytes(encode(own())));
}

// The network's thread.
void Exchange::answer_join(const peer::Request& request, const peer::Responder& responder) {
  if (!identity_.cluster().none() || replica_)
    return responder.fail("not_empty", "this node is of a cluster already");
  const Join join = decode_join(request.body.view);
  if (join.cluster.none() || join.secret.empty())
    return responder.fail("bad_request", "the pack is not whole");
  host_.take(join);
  identity_.add_members(join.members);
  identity_.set_cluster(join.cluster);
  env::log_info("cluster.joining",
                fmt::format("joining cluster {} as node {}", join.cluster.text(), settings_.node.value),
                {{"cluster", join.cluster.text()}, {"node", settings_.node.value}});
  responder.ok({});
  host_.restart(Host::Restart::again);
}

void Exchange::compare() {
  if (!replica_) return;
  std::lock_guard lock(mutex_);
  comparison_.add(settings_.node, own_.marks);
  for (const raft::Server& server : members_.configuration().servers) {
    if (server.id == settings_.node) continue;
    if (const auto heard = members_.last_heard(server.id)) comparison_.add(server.id, heard->facts.marks);
  }
  if (!comparison_.divergence() || std::exchange(told_divergence_, true)) return;
  std::string nodes;
  for (const raft::NodeId node : comparison_.divergence()->nodes)
    nodes += (nodes.empty() ? "" : ", ") + std::to_string(node.value);
  env::log_critical(
      "state.differs",
      fmt::format(
          "the state of node {} differs from that of the others at log entry {}: its answers are wrong from "
          "there "
          "on, or earlier",
          nodes, comparison_.divergence()->entry),
      {{"node", nodes}, {"entry", comparison_.divergence()->entry}});
}

}  // namespace lode::cluster
