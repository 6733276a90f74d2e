#include "cluster/status_json.h"

#include <fmt/format.h>

#include <algorithm>

namespace lode::cluster {

namespace {

constexpr int64_t kFreshMicros = 5'000'000;  // older facts are not shown as what is

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + '"';
}

std::string text_or_null(const std::string& text) { return text.empty() ? "null" : quoted(text); }

double progress(const Facts& facts, uint64_t commit) {
  if (facts.fetch_bytes > 0)
    return static_cast<double>(facts.fetched_bytes) / static_cast<double>(facts.fetch_bytes);
  if (commit == 0 || facts.applied >= commit) return facts.applied >= commit ? 1 : 0;
  return static_cast<double>(facts.applied) / static_cast<double>(commit);
}

std::string node_json(const Report& report, const Members& members, int64_t now_micros,
                      const raft::Server& server, uint64_t commit) {
  const bool self = server.id == report.own.node;
  const auto link = std::find_if(report.links.begin(), report.links.end(),
                                 [&](const peer::LinkStatus& one) { return one.node == server.id; });
  std::optional<Facts> facts;
  if (self) facts = report.own;
  if (const auto heard = members.last_heard(server.id);
      !self && heard && now_micros - heard->at_micros < kFreshMicros)
    facts = heard->facts;
  const bool connected = self || (link != report.links.end() && link->connected);
  std::string match = "null", trip = "null", trouble = facts ? facts->trouble : "";
  if (report.group) {
    for (const raft::PeerProgress& peer : report.group->peers)
      if (peer.server.id == server.id) match = std::to_string(peer.match.value);
    if (self) match = std::to_string(report.group->persisted.value);
  }
  if (!self && link != report.links.end()) {
    if (link->round_trip_micros)
      trip = fmt::format("{:.3f}", static_cast<double>(*link->round_trip_micros) / 1e3);
    if (!connected && trouble.empty()) trouble = link->last_error;
  }
  const std::string address = members.address_of(server.id);
  std::string out = fmt::format(
      R"({{"id":{},"address":{},"role":"{}","self":{},"connected":{},"round_trip_ms":{},"match_entry":{},"trouble":{},)",
      server.id.value, quoted(address.empty() ? server.address : address),
      server.role == raft::Role::voter ? "voter" : "standby", self, connected, trip, match, quoted(trouble));
  if (!facts)
    return out +
           R"("state":null,"software":null,"http":null,"applied_entry":null,"applied_offset":null,"lag_entries":null,"progress":null,"level":null,"newest_level":null,"state_hash":null})";
  return out +
         fmt::format(
             R"("state":"{}","software":{},"http":{},"applied_entry":{},"applied_offset":{},"lag_entries":{},)"
             R"("progress":{:.4f},"level":{},"newest_level":{},"state_hash":{{"offset":{},"hash":"{}"}}}})",
             name_of(facts->place), quoted(facts->software), text_or_null(facts->http), facts->applied,
             facts->applied_offset, commit > facts->applied ? commit - facts->applied : 0,
             progress(*facts, commit), facts->level, facts->newest_level, facts->applied_offset,
             facts->state_hash.hex());
}

std::string leader_json(const Report& report, const Members& members) {
  if (!report.group || !report.group->leader) return "null";
  const raft::NodeId id = report.group->leader->id;
  std::optional<Facts> facts;
  if (id == report.own.node)
    facts = report.own;
  else if (const auto heard = members.last_heard(id))
    facts = heard->facts;
  return fmt::format(R"({{"id":{},"address":{},"http":{},"tcp":{}}})", id.value,
                     text_or_null(members.address_of(id)), facts ? text_or_null(facts->http) : "null",
                     facts ? text_or_null(facts->tcp) : "null");
}

std::string divergence_json(const std::optional<Divergence>& divergence) {
  if (!divergence) return "null";
  std::string nodes;
  for (const raft::NodeId node : divergence->nodes)
    nodes += (nodes.empty() ? "" : ",") + std::to_string(node.value);
  return fmt::format(R"({{"entry":{},"nodes":[{}]}})", divergence->entry, nodes);
}

std::string build_json(const Build& build) {
  if (build.ruleset_hash == 0) return "null";
  return fmt::format(R"({{"hash":"{:016x}","entry":{},"of":{},"caught_up":{}}})", build.ruleset_hash,
                     build.entry, build.of, build.caught_up);
}

}  // namespace

std::string status_json(const Report& report, const Members& members, int64_t now_micros) {
  const Facts& own = report.own;
  const raft::Status group = report.group.value_or(raft::Status{});
  uint64_t commit = group.commit.value;  // a standby may not know how far behind it is
  std::string nodes;
  for (const raft::Server& server : group.configuration.servers) {
    if (const auto heard = members.last_heard(server.id)) commit = std::max(commit, heard->facts.commit);
  }
  for (const raft::Server& server : group.configuration.servers)
    nodes += (nodes.empty() ? "" : ",") + node_json(report, members, now_micros, server, commit);
  return fmt::format(
      R"({{"cluster":{},"node":{},"address":{},"state":"{}","term":{},"leader":{},"commit_entry":{},"last_entry":{},)"
      R"("floor_entry":{},"changing":{},"transferring_to":{},"level":{{"active":{},"newest":{}}},)"
      R"("ruleset":{{"hash":"{:016x}","building":{}}},"nodes":[{}],"divergence":{},"agreed_entry":{},"trouble":{}}})",
      own.cluster.none() ? "null" : quoted(own.cluster.text()), own.node.value, text_or_null(report.address),
      name_of(own.place), group.term.value, leader_json(report, members), group.commit.value,
      group.last.value, group.floor.value, group.changing,
      group.transferring_to.value ? std::to_string(group.transferring_to.value) : "null", own.level,
      own.newest_level, own.ruleset_hash, build_json(own.build), nodes, divergence_json(report.divergence),
      report.agreed_entry, quoted(report.trouble));
}

}  // namespace lode::cluster
