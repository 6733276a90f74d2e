// Group: who belongs to it, one server at a time.
#include <algorithm>

#include "raft/configuration.h"
#include "raft/group.h"

namespace lode::raft {

std::optional<Changed> Group::refuse_change() const {
  if (!leading_) return Changed::not_leader;
  const bool busy =
      engine_.transferee().value != 0 || engine_.uncommitted_change().value != 0 || commit_ < term_start_;
  return busy ? std::optional(Changed::busy) : std::nullopt;
}

Changed Group::change(uint64_t now, const Configuration& next) {
  auto bytes = std::make_shared<const std::string>(encode(next));
  const Entry entry{engine_.term(), log::EntryType::change, *bytes, bytes};
  Update update;
  switch (engine_.submit(now, {&entry, 1}, update)) {
    case Engine::Outcome::done:
      break;
    case Engine::Outcome::not_leader:
      return Changed::not_leader;
    default:
      return Changed::busy;
  }
  act(now, std::move(update), {&entry, 1});
  return Changed::started;
}

Changed Group::add_standby(uint64_t now, const Server& server) {
  if (const auto refused = refuse_change()) return *refused;
  Configuration next = engine_.configuration();
  for (const Server& member : next.servers) {
    if (member.id == server.id && member.address == server.address) return Changed::already_so;
    if (member.id == server.id || member.address == server.address) return Changed::id_or_address_in_use;
  }
  next.servers.push_back({server.id, server.address, Role::standby});
  return change(now, next);
}

Changed Group::promote(uint64_t now, NodeId id) {
  if (const auto refused = refuse_change()) return *refused;
  Configuration next = engine_.configuration();
  for (Server& server : next.servers) {
    if (server.id != id) continue;
    if (server.role == Role::voter) return Changed::already_so;
    if (engine_.match(id).value + settings_.promote_behind < engine_.last().value) return Changed::behind;
    // It must know that it belongs to the group, and this term's first entry: see receive_vote_request in
    // library.c.
    if (engine_.match(id) < std::max(term_start_, changes_.as_of(engine_.last()).first))
      return Changed::behind;
    server.role = Role::voter;
    return change(now, next);
  }
  return Changed::no_such_server;
}

Changed Group::remove(uint64_t now, NodeId id) {
  if (const auto refused = refuse_change()) return *refused;
  Configuration next = engine_.configuration();
  if (find(next, id) == nullptr) return Changed::no_such_server;
  if (raft::is_sole_voter(next, id)) return Changed::last_voter;
  if (id == settings_.engine.id) return Changed::leads;
  std::erase_if(next.servers, [&](const Server& server) { return server.id == id; });
  return change(now, next);
}

Changed Group::readdress(uint64_t now, NodeId id, const std::string& address) {
  if (const auto refused = refuse_change()) return *refused;
  Configuration next = engine_.configuration();
  Server* readdressed = nullptr;
  for (Server& server : next.servers) {
    if (server.id == id) {
      readdressed = &server;
    } else if (server.address == address) {
      return Changed::id_or_address_in_use;
    }
  }
  if (readdressed == nullptr) return Changed::no_such_server;
  if (readdressed->address == address) return Changed::already_so;
  readdressed->address = address;
  return change(now, next);
}

bool Group::transfer(uint64_t now, NodeId to) {
  Update update;
  if (!leading_ || engine_.uncommitted_change().value != 0) return false;
  if (engine_.transfer(now, to, update) != Engine::Outcome::done) return false;
  act(now, std::move(update), {});
  return true;
}

}  // namespace lode::raft
