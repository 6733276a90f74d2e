#include "raft/engine.h"

#include <memory>

#include "raft/core.h"
#include "raft/core_servers.h"

namespace lode::raft {

namespace {

std::vector<core_entry> core_entries(std::span<const Entry> entries) {
  std::vector<core_entry> out;
  out.reserve(entries.size());
  for (const Entry& entry : entries) {
    out.push_back(
        {entry.term.value, entry.type == log::EntryType::change, entry.payload.data(), entry.payload.size()});
  }
  return out;
}

// A received message as the core takes it, with all that its pointers point to.
class CoreMessage {
 public:
  CoreMessage(NodeId from, const std::string& address, const Message& message) {
    message_.peer = from.value;
    message_.address = address.c_str();
    std::visit([this](const auto& m) { fill(m); }, message);
  }
  const core_message* get() const { return &message_; }

 private:
  void fill(const RequestVote& m) {
    message_.kind = CORE_REQUEST_VOTE;
    set(m.term, m.last_index, m.last_term);
    message_.candidate = m.candidate.value;
    message_.disrupt_leader = m.disrupt_leader;
    message_.pre_vote = m.pre_vote;
  }
  void fill(const RequestVoteResult& m) {
    message_.kind = CORE_REQUEST_VOTE_RESULT;
    set(m.term, {}, {});
    message_.granted = m.granted;
    message_.pre_vote = m.pre_vote;
    message_.features = m.features;
    message_.capacity = m.capacity;
  }
  void fill(const AppendEntries& m) {
    message_.kind = CORE_APPEND_ENTRIES;
    set(m.term, m.prev_index, m.prev_term);
    message_.commit = m.leader_commit.value;
    entries_ = core_entries(m.entries);
    message_.entries = entries_.data();
    message_.entry_count = static_cast<uint32_t>(entries_.size());
  }
  void fill(const AppendEntriesResult& m) {
    message_.kind = CORE_APPEND_ENTRIES_RESULT;
    set(m.term, m.last_index, {});
    message_.rejected = m.rejected.value;
    message_.features = m.features;
    message_.capacity = m.capacity;
  }
  void fill(const InstallSnapshot& m) {
    message_.kind = CORE_INSTALL_SNAPSHOT;
    set(m.term, m.last_index, m.last_term);
    servers_ = std::make_unique<CoreServers>(m.configuration, m.configuration_index);
    message_.servers = servers_->get();
  }
  void fill(const TimeoutNow& m) {
    message_.kind = CORE_TIMEOUT_NOW;
    set(m.term, m.last_index, m.last_term);
  }
  void set(record::Term term, record::EntryIndex index, record::Term index_term) {
    message_.term = term.value;
    message_.index = index.value;
    message_.index_term = index_term.value;
  }

  core_message message_{};
  std::vector<core_entry> entries_;
  std::unique_ptr<CoreServers> servers_;
};

Message message_of(const core_message& m) {
  switch (m.kind) {
    case CORE_APPEND_ENTRIES:
      return AppendEntries{{m.term}, {m.index}, {m.index_term}, {m.commit}, {}};
    case CORE_APPEND_ENTRIES_RESULT:
      return AppendEntriesResult{{m.term}, {m.rejected}, {m.index}, m.features, m.capacity};
    case CORE_REQUEST_VOTE:
      return RequestVote{{m.term}, {m.candidate}, {m.index}, {m.index_term}, m.disrupt_leader, m.pre_vote};
    case CORE_REQUEST_VOTE_RESULT:
      return RequestVoteResult{{m.term}, m.granted, m.pre_vote, m.features, m.capacity};
    case CORE_INSTALL_SNAPSHOT:
      return InstallSnapshot{{m.term}, {m.index}, {m.index_term}, {}, {}};
    case CORE_TIMEOUT_NOW:
      return TimeoutNow{{m.term}, {m.index}, {m.index_term}};
  }
  throw Broken("raft: the library sent a message of an unknown kind");
}

Update update_of(const core_update& from) {
  Update out;
  out.vote = from.vote;
  out.entry_index = {from.entry_index};
  out.entry_count = from.entry_count;
  out.no_op = from.no_op;
  out.snapshot = from.snapshot;
  out.messages.reserve(from.message_count);
  for (uint32_t i = 0; i < from.message_count; ++i) {
    const core_message& m = from.messages[i];
    out.messages.push_back({{m.peer}, m.address, message_of(m), m.entry_count});
  }
  return out;
}

core_snapshot core_snapshot_of(const Snapshot& snapshot, const CoreServers& servers) {
  return {snapshot.index.value, snapshot.term.value, servers.get()};
}

}  // namespace

Engine::Engine(const EngineSettings& settings) {
  const core_settings to{settings.id.value,        settings.address.c_str(), settings.seed,
                         settings.election_ms,     settings.heartbeat_ms,    settings.snapshot_ms,
                         settings.inflight_entries};
  core_ = core_new(&to);
}

Engine::~Engine() { core_free(core_); }

Engine::Outcome Engine::take(int result, Update& update) {
  switch (result) {
    case CORE_OK:
      update = update_of(*core_result_of(core_));
      return Outcome::done;
    case CORE_NOT_LEADER:
      return Outcome::not_leader;
    case CORE_CANT_CHANGE:
      return Outcome::cant_change;
    case CORE_BAD_SERVER:
      return Outcome::bad_server;
    default:
      throw Broken(std::string("raft: ") + core_error_text(core_));
  }
}

Update Engine::take(int result) {
  Update update;
  if (take(result, update) != Outcome::done) throw Broken(std::string("raft: ") + core_error_text(core_));
  return update;
}

Update Engine::start(uint64_t now, record::Term term, NodeId vote, const std::optional<Snapshot>& snapshot,
                     std::span<const record::Term> terms, const std::map<uint64_t, std::string>& changes) {
  const uint64_t first = snapshot ? snapshot->index.value + 1 : 1;
  std::vector<core_entry> list;
  list.reserve(terms.size());
  for (const record::Term& entry_term : terms) list.push_back({entry_term.value, false, nullptr, 0});
  for (const auto& [index, bytes] : changes) {
    core_entry& entry = list.at(index - first);
    entry = {entry.term, true, bytes.data(), bytes.size()};
  }
  const Configuration none;
  const CoreServers servers(snapshot ? snapshot->configuration : none,
                            snapshot ? snapshot->configuration_index : record::EntryIndex{});
  core_snapshot metadata{};
  if (snapshot) metadata = core_snapshot_of(*snapshot, servers);
  return take(core_start(core_, now, term.value, vote.value, snapshot ? &metadata : nullptr, first,
                         list.data(), list.size()));
}

Update Engine::receive(uint64_t now, NodeId from, const std::string& address, const Message& message) {
  return take(core_receive(core_, now, CoreMessage(from, address, message).get()));
}

Update Engine::persisted(uint64_t now, record::EntryIndex index) {
  return take(core_persisted(core_, now, index.value));
}
Update Engine::installed(uint64_t now) { return take(core_installed(core_, now)); }

Update Engine::configured(uint64_t now, const Configuration& configuration, record::EntryIndex index) {
  return take(core_configured(core_, now, &CoreServers(configuration, index).get()));
}

Update Engine::floor(uint64_t now, const Snapshot& snapshot) {
  const CoreServers servers(snapshot.configuration, snapshot.configuration_index);
  const core_snapshot metadata = core_snapshot_of(snapshot, servers);
  return take(core_floor(core_, now, &metadata));
}

Update Engine::timeout(uint64_t now) { return take(core_timeout(core_, now)); }

Engine::Outcome Engine::submit(uint64_t now, std::span<const Entry> entries, Update& update) {
  const std::vector<core_entry> list = core_entries(entries);
  return take(core_submit(core_, now, list.data(), static_cast<uint32_t>(list.size())), update);
}

Engine::Outcome Engine::transfer(uint64_t now, NodeId to, Update& update) {
  return take(core_transfer(core_, now, to.value), update);
}

Engine::State Engine::state() const {
  switch (core_state_of(core_)) {
    case CORE_LEADER:
      return State::leader;
    case CORE_CANDIDATE:
      return State::candidate;
    default:
      return State::follower;
  }
}

record::Term Engine::term() const { return {core_term(core_)}; }
NodeId Engine::vote() const { return {core_vote(core_)}; }
record::EntryIndex Engine::commit() const { return {core_commit(core_)}; }
record::EntryIndex Engine::last() const { return {core_last_index(core_)}; }
record::Term Engine::term_of(record::EntryIndex index) const { return {core_term_of(core_, index.value)}; }
uint64_t Engine::timeout_at() const { return core_timeout_at(core_); }
record::EntryIndex Engine::match(NodeId id) const { return {core_match(core_, id.value)}; }
NodeId Engine::transferee() const { return {core_transferee(core_)}; }
record::EntryIndex Engine::uncommitted_change() const { return {core_uncommitted_change(core_)}; }

bool Engine::alone() const { return core_alone(core_); }
bool Engine::sole_voter() const { return core_sole_voter(core_); }

Server Engine::leader() const {
  uint64_t id = 0;
  const char* address = nullptr;
  core_leader(core_, &id, &address);
  return {{id}, address, Role::voter};
}

Configuration Engine::configuration() const {
  const core_servers from = core_configuration(core_);
  Configuration out;
  for (size_t i = 0; i < from.count; ++i)
    out.servers.push_back({{from.list[i].id}, from.list[i].address, static_cast<Role>(from.list[i].role)});
  return out;
}

}  // namespace lode::raft
