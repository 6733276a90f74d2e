#include "cluster/membership.h"

#include <fmt/format.h>

#include <utility>

#include "env/log.h"
#include "raft/configuration.h"

namespace lode::cluster {

namespace {

constexpr int64_t kPatienceMicros = 5'000'000;
constexpr std::string_view kViews = "views/";

std::string node_text(uint64_t id) { return "node " + std::to_string(id); }

CommandAnswer no_leader() {
  return refuse(503, "no_leader", "The cluster has no leader at the moment; send the command again.");
}

CommandAnswer begun() { return {200, {}, R"({"done":false})"}; }
CommandAnswer finished() { return {200, {}, R"({"done":true})"}; }

}  // namespace

Membership::Membership(raft::NodeId self, uint32_t newest_level, Identity& identity, Members& members,
                       Host& host, const env::Clock& clock)
    : self_(self),
      newest_level_(newest_level),
      identity_(identity),
      members_(members),
      host_(host),
      clock_(clock) {}

void Membership::execute(const Command& command, Done done) {
  if (auto said = attempt(command)) return done(std::move(*said));
  std::lock_guard lock(mutex_);
  if (!stopped_)
    waiting_.push_back({command, std::move(done), clock_.steady_micros() + kPatienceMicros});
  else
    done(refuse(503, "stopping", "The server is stopping; send the command to another node."));
}

void Membership::stop() {
  std::vector<Waiting> left;
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    left.swap(waiting_);
  }
  for (const Waiting& one : left)
    one.done(refuse(503, "stopping", "The server is stopping; send the command to another node."));
}

void Membership::tick() {
  std::vector<Waiting> tried;
  {
    std::lock_guard lock(mutex_);
    tried.swap(waiting_);
  }
  for (Waiting& one : tried) {
    if (auto said = attempt(one.command)) {
      one.done(std::move(*said));
    } else if (clock_.steady_micros() > one.deadline_micros) {
      one.done(refuse(409, "change_in_progress",
                      "Another change of the members, or a hand-over, is under way and not committed yet; "
                      "`lodectl cluster status` shows it. Send the command again when it is over."));
    } else {
      std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(one));
    }
  }
  take_in_founders();
}

void Membership::configured(const raft::Configuration& configuration) {
  std::set<uint64_t> ids;
  for (const raft::Server& server : configuration.servers) ids.insert(server.id.value);
  identity_.add_members(ids);
}

std::optional<CommandAnswer> Membership::attempt(const Command& command) {
  const raft::NodeId id{command.id};
  if (command.name == "add") {
    raft::Changed changed = raft::Changed::started;
    CommandAnswer said = add(command, changed);
    if (said.status != 200) return said;
    return answer(changed, command);
  }
  if (command.name == "promote") return answer(replica_->promote(id), command);
  if (command.name == "remove") return answer(replica_->remove(id), command);
  if (command.name == "finalize") return finalize();
  if (command.name == "ruleset") return host_.propose_ruleset(command.body);
  if (command.name.starts_with(kViews))
    return host_.change_views(command.name.substr(kViews.size()), command.body, short_logs());
  if (command.name != "transfer")
    return refuse(404, "unknown_command", "There is no command '" + command.name + "'.");

  if (id == self_) return finished();
  const raft::Configuration now = members_.configuration();
  if (id.value != 0 && !raft::is_voter(now, id))
    return refuse(409, "no_such_voter", node_text(command.id) + " is not a voter of this cluster.");
  if (raft::voters(now) < 2)
    return refuse(409, "last_voter", "This node is the only voter; there is nobody to hand over to.");
  if (replica_->transfer(id)) return begun();
  if (replica_->status().state != raft::State::leader) return no_leader();
  return std::nullopt;
}

CommandAnswer Membership::add(const Command& command, raft::Changed& changed) {
  const raft::Configuration now = members_.configuration();
  if (command.id == 0 || command.address.empty())
    return refuse(400, "invalid_value", "A node is added with its id, from 1, and its address.");
  if (!raft::find(now, {command.id}) && identity_.members().contains(command.id)) {
    return refuse(
        409, "id_used_before",
        node_text(command.id) +
            " was a member before. An id is given once: what a node that lost its data has promised "
            "to others is not known any more. Start it with another cluster.id.");
  }
  changed = replica_->add_standby({{command.id}, command.address, raft::Role::standby});
  return finished();
}

std::optional<CommandAnswer> Membership::answer(raft::Changed changed, const Command& command) {
  const std::string node = node_text(command.id);
  switch (changed) {
    case raft::Changed::started:
      env::log_info("membership.begun", fmt::format("membership: {} {} begun", command.name, node),
                    {{"command", command.name}, {"node", node}});
      return begun();
    case raft::Changed::already_so:
      return finished();
    case raft::Changed::not_leader:
      return no_leader();
    case raft::Changed::busy:
      return std::nullopt;
    case raft::Changed::leads:  // hands over; its successor gets the command when it is sent again
      replica_->transfer({0});
      return refuse(503, "no_leader",
                    node + " leads the cluster and hands over now; send the command again in a moment.");
    case raft::Changed::no_such_server:
      return refuse(404, "no_such_node", node + " is not a member of this cluster.");
    case raft::Changed::id_or_address_in_use:
      return refuse(409, "already_member",
                    "A member has this id or this address already; `lodectl cluster status` shows them.");
    case raft::Changed::behind:
      return refuse(409, "not_caught_up",
                    node + " is still behind; `lodectl cluster status` shows how far it has come.");
    case raft::Changed::last_voter:
      return refuse(409, "last_voter", node + " is the last voter; a cluster without one could not go on.");
  }
  return std::nullopt;
}

CommandAnswer Membership::finalize() {
  if (host_.state().level >= newest_level_) return finished();
  for (const raft::Server& server : members_.configuration().servers) {
    if (server.id == self_) continue;
    const auto heard = members_.last_heard(server.id);
    if (!heard)
      return refuse(409, "not_heard",
                    node_text(server.id.value) +
                        " is not reached, so it is not known which formats its program can read.");
    if (heard->facts.newest_level < newest_level_)
      return refuse(409, "program_too_old",
                    node_text(server.id.value) + " runs " + heard->facts.software +
                        ", which does not know the new formats; upgrade it first.");
  }
  return host_.propose_level(newest_level_);
}

// Of the others. A log that begins behind its floor was cut off, or began with a state that came from another
// node; one of a node that has not been heard from is taken for whole.
std::vector<uint64_t> Membership::short_logs() const {
  std::vector<uint64_t> out;
  for (const raft::Server& server : members_.configuration().servers) {
    const auto heard = members_.last_heard(server.id);
    if (server.id != self_ && heard && heard->facts.floor > 0) out.push_back(server.id.value);
  }
  return out;
}

// Every first member that is not in yet is added, and promoted when it has caught up.
void Membership::take_in_founders() {
  const std::vector<peer::Peer> founders = identity_.founding();
  if (founders.empty() || replica_->status().state != raft::State::leader) return;
  const raft::Configuration now = members_.configuration();
  for (const peer::Peer& founder : founders) {
    if (founder.id == self_ || raft::is_voter(now, founder.id)) continue;
    const bool known = raft::find(now, founder.id) != nullptr;
    const raft::Changed changed =
        known ? replica_->promote(founder.id)
              : replica_->add_standby({founder.id, founder.address, raft::Role::standby});
    if (changed == raft::Changed::started)
      env::log_info(
          "membership.changed",
          fmt::format("membership: node {} is {}", founder.id.value, known ? "made a voter" : "taken in"),
          {{"node", founder.id.value}, {"role", known ? "made a voter" : "taken in"}});
    if (changed == raft::Changed::started || changed == raft::Changed::busy) return;
  }
  for (const peer::Peer& founder : founders)
    if (founder.id != self_ && !raft::is_voter(now, founder.id)) return;
  identity_.set_founding({});
}

}  // namespace lode::cluster
