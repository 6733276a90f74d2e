#include "raft/recovery.h"

#include <stdexcept>

#include "log/entry_key.h"
#include "raft/configuration.h"
#include "record/batch.h"

namespace lode::raft {

namespace {

std::string name(record::GroupId group, std::string_view fact) {
  return "raft/" + std::to_string(group.value) + "/" + std::string(fact);
}

std::optional<Snapshot> read_snapshot(const log::Log& log, record::GroupId group) {
  const auto bytes = log.get_meta(name(group, "snapshot"));
  if (!bytes) return std::nullopt;
  auto snapshot = decode_snapshot(*bytes);
  if (!snapshot) throw record::Corruption("log: the group's snapshot can't be read");
  return snapshot;
}

// The only member that the log knows of.
std::optional<NodeId> only_member(log::Log& log, record::GroupId group) {
  const Recovered recovered = recover(log, group);
  std::optional<Configuration> newest;
  if (recovered.snapshot) newest = recovered.snapshot->configuration;
  if (!recovered.changes.empty()) newest = decode_configuration(recovered.changes.rbegin()->second);
  if (!newest || newest->servers.size() != 1) return std::nullopt;
  return newest->servers.front().id;
}

}  // namespace

Configuration newest_configuration(const Recovered& recovered) {
  if (!recovered.changes.empty()) {
    if (auto decoded = decode_configuration(recovered.changes.rbegin()->second)) return *decoded;
  }
  return recovered.snapshot ? recovered.snapshot->configuration : Configuration{};
}

record::EntryIndex floor_of(const log::Log& log, record::GroupId group) {
  const auto snapshot = read_snapshot(log, group);
  return snapshot ? snapshot->index : record::EntryIndex{};
}

bool is_grouped(const log::Log& log, record::GroupId group) {
  const auto first = log.read(group, {1});
  return log.get_meta(name(group, "vote")) || log.get_meta(name(group, "snapshot")) ||
         (first && first->type == log::EntryType::change);
}

Recovered recover(log::Log& log, record::GroupId group) {
  Recovered out;
  out.snapshot = read_snapshot(log, group);
  if (out.snapshot) {
    const uint64_t next = out.snapshot->index.value + 1;
    // An install or a removal that was cut short.
    if (log.last_index(group).value < out.snapshot->index.value) log.truncate_prefix(group, {next});
    out.term = out.snapshot->term;
  }
  const uint64_t first = out.snapshot ? out.snapshot->index.value + 1 : 1;
  if (log.first_index(group).value > first)
    throw record::Corruption("log: entries behind the floor are missing");
  std::vector<uint64_t> changes;
  log.scan_headers(group, {first}, [&](const log::EntryHead& head) {
    out.terms.push_back(head.term);
    if (head.type == log::EntryType::change) changes.push_back(head.index.value);
    return true;
  });
  for (const uint64_t index : changes) {
    auto entry = log.read(group, {index});
    if (!entry) throw record::Corruption("log: entry " + std::to_string(index) + " is missing");
    out.changes[index] = std::move(entry->payload);
  }
  if (!out.terms.empty()) out.term = std::max(out.term, out.terms.back());
  if (!out.snapshot && !out.terms.empty() && !out.changes.contains(1)) {
    throw record::Corruption("log: it begins without a configuration");
  }
  if (const auto vote = log.get_meta(name(group, "vote"))) {
    if (vote->size() != 16) throw record::Corruption("log: the group's vote can't be read");
    const record::Term term{log::parse_fixed64(std::string_view(*vote).substr(0, 8)).value()};
    if (term >= out.term) {
      out.term = term;
      out.vote = {log::parse_fixed64(std::string_view(*vote).substr(8)).value()};
    }
  }
  return out;
}

void bootstrap(log::Log& log, record::GroupId group, const Configuration& configuration) {
  if (is_grouped(log, group)) throw std::logic_error("raft: this log belongs to a group already");
  record::EntryIndex last = log.last_index(group);
  if (last.value == 0) {
    const std::string payload = encode(configuration);
    const log::Entry entry{{1}, {1}, log::EntryType::change, payload};
    log.append(group, {&entry, 1});
    return;
  }
  if (last.value == 1) {  // a floor of 1 is one that the library does not see: Group::prune
    last = {2};
    const log::Entry entry{last, {1}, log::EntryType::no_op, {}};
    log.append(group, {&entry, 1});
  }
  record::Term term{1};
  if (const auto entry = log.read(group, last)) term = entry->term;
  save_floor(log, group, {last, term, configuration, last});
}

void claim(log::Log& log, record::GroupId group, NodeId node) {
  if (!is_grouped(log, group)) return;
  const std::string fact = name(group, "node");
  const auto noted = log.get_meta(fact);
  const auto number = noted ? log::parse_fixed64(*noted) : std::nullopt;
  if (noted && !number) throw record::Corruption("log: whose it is can't be read");
  const NodeId owner = number ? NodeId{*number} : only_member(log, group).value_or(node);
  if (owner != node) {
    const std::string own = std::to_string(owner.value), other = std::to_string(node.value);
    throw std::runtime_error("the data folder belongs to node " + own + ", and cluster.id says " + other +
                             ": set cluster.id to " + own + ", or give node " + other +
                             " a data folder of its own");
  }
  if (!noted) log.put_meta(fact, log::fixed64(node.value));
}

void force_alone(log::Log& log, record::GroupId group, const Server& server) {
  const Recovered recovered = recover(log, group);
  if (!recovered.is_member()) throw std::logic_error("raft: this log belongs to no group");
  const record::Term term{recovered.term.value + 1};
  save_vote(log, group, term, server.id);
  const std::string payload = encode(Configuration{{{server.id, server.address, Role::voter}}});
  const log::Entry entry{{log.last_index(group).value + 1}, term, log::EntryType::change, payload};
  log.append(group, {&entry, 1});
}

void begin_anew(log::Log& log, record::GroupId group, const Server& server) {
  const auto vote = log.get_meta(name(group, "vote"));
  const auto voted =
      vote && vote->size() == 16 ? log::parse_fixed64(std::string_view(*vote).substr(0, 8)) : std::nullopt;
  record::EntryIndex last = log.last_index(group);
  while (last.value < 2) {  // a floor of 1 is one that the library does not see: Group::prune
    last.value += 1;
    const log::Entry entry{last, {1}, log::EntryType::no_op, {}};
    log.append(group, {&entry, 1});
  }
  const auto entry = log.read(group, last);
  const record::Term term{entry ? entry->term.value : 1};
  save_floor(log, group, {last, term, {{server}}, last});
  save_vote(log, group, {std::max(term.value, voted.value_or(0)) + 1}, server.id);
  log.put_meta(name(group, "node"), log::fixed64(server.id.value));
}

void save_vote(log::Log& log, record::GroupId group, record::Term term, NodeId vote) {
  log.put_meta(name(group, "vote"), log::fixed64(term.value) + log::fixed64(vote.value));
}

void save_floor(log::Log& log, record::GroupId group, const Snapshot& snapshot) {
  log.put_meta(name(group, "snapshot"), encode(snapshot));
}

void install(log::Log& log, record::GroupId group, const Snapshot& snapshot) {
  // What contradicts the snapshot goes first: behind it, entries would count as its continuation.
  if (log.last_index(group) >= snapshot.index) log.truncate_suffix(group, snapshot.index);
  save_floor(log, group, snapshot);
  log.truncate_prefix(group, {snapshot.index.value + 1});
}

}  // namespace lode::raft
