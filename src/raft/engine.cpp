#include "raft/engine.h"

#include <memory>

#include "raft/library.h"
#include "raft/library_servers.h"

namespace lode::raft {

namespace {

std::vector<library_entry> library_entries(std::span<const Entry> entries) {
  std::vector<library_entry> out;
  out.reserve(entries.size());
  for (const Entry& entry : entries) {
    out.push_back(
        {entry.term.value, entry.type == log::EntryType::change, entry.payload.data(), entry.payload.size()});
  }
  return out;
}

// A received message as the library takes it, with all that its pointers point to.
class LibraryMessage {
 public:
  LibraryMessage(NodeId from, const std::string& address, const Message& message) {
    message_.peer = from.value;
    message_.address = address.c_str();
    std::visit([this](const auto& m) { fill(m); }, message);
  }
  const library_message* get() const { return &message_; }

 private:
  void fill(const RequestVote& m) {
    message_.kind = LIBRARY_REQUEST_VOTE;
    set(m.term, m.last_index, m.last_term);
    message_.candidate = m.candidate.value;
    message_.disrupt_leader = m.disrupt_leader;
    message_.pre_vote = m.pre_vote;
  }
  void fill(const RequestVoteResult& m) {
    message_.kind = LIBRARY_REQUEST_VOTE_RESULT;
    set(m.term, {}, {});
    message_.granted = m.granted;
    message_.pre_vote = m.pre_vote;
    message_.features = m.features;
    message_.capacity = m.capacity;
  }
  void fill(const AppendEntries& m) {
    message_.kind = LIBRARY_APPEND_ENTRIES;
    set(m.term, m.prev_index, m.prev_term);
    message_.commit = m.leader_commit.value;
    entries_ = library_entries(m.entries);
    message_.entries = entries_.data();
    message_.entry_count = static_cast<uint32_t>(entries_.size());
  }
  void fill(const AppendEntriesResult& m) {
    message_.kind = LIBRARY_APPEND_ENTRIES_RESULT;
    set(m.term, m.last_index, {});
    message_.rejected = m.rejected.value;
    message_.features = m.features;
    message_.capacity = m.capacity;
  }
  void fill(const InstallSnapshot& m) {
    message_.kind = LIBRARY_INSTALL_SNAPSHOT;
    set(m.term, m.last_index, m.last_term);
    servers_ = std::make_unique<LibraryServers>(m.configuration, m.configuration_index);
    message_.servers = servers_->get();
  }
  void fill(const TimeoutNow& m) {
    message_.kind = LIBRARY_TIMEOUT_NOW;
    set(m.term, m.last_index, m.last_term);
  }
  void set(record::Term term, record::EntryIndex index, record::Term index_term) {
    message_.term = term.value;
    message_.index = index.value;
    message_.index_term = index_term.value;
  }

  library_message message_{};
  std::vector<library_entry> entries_;
  std::unique_ptr<LibraryServers> servers_;
};

Message message_of(const library_message& m) {
  switch (m.kind) {
    case LIBRARY_APPEND_ENTRIES:
      return AppendEntries{{m.term}, {m.index}, {m.index_term}, {m.commit}, {}};
    case LIBRARY_APPEND_ENTRIES_RESULT:
      return AppendEntriesResult{{m.term}, {m.rejected}, {m.index}, m.features, m.capacity};
    case LIBRARY_REQUEST_VOTE:
      return RequestVote{{m.term}, {m.candidate}, {m.index}, {m.index_term}, m.disrupt_leader, m.pre_vote};
    case LIBRARY_REQUEST_VOTE_RESULT:
      return RequestVoteResult{{m.term}, m.granted, m.pre_vote, m.features, m.capacity};
    case LIBRARY_INSTALL_SNAPSHOT:
      return InstallSnapshot{{m.term}, {m.index}, {m.index_term}, {}, {}};
    case LIBRARY_TIMEOUT_NOW:
      return TimeoutNow{{m.term}, {m.index}, {m.index_term}};
  }
  throw Broken("raft: the library sent a message of an unknown kind");
}

Update update_of(const library_update& from) {
  Update out;
  out.vote = from.vote;
  out.entry_index = {from.entry_index};
  out.entry_count = from.entry_count;
  out.no_op = from.no_op;
  out.snapshot = from.snapshot;
  out.messages.reserve(from.message_count);
  for (uint32_t i = 0; i < from.message_count; ++i) {
    const library_message& m = from.messages[i];
    out.messages.push_back({{m.peer}, m.address, message_of(m), m.entry_count});
  }
  return out;
}

library_snapshot library_snapshot_of(const Snapshot& snapshot, const LibraryServers& servers) {
  return {snapshot.index.value, snapshot.term.value, servers.get()};
}

}  // namespace

Engine::Engine(const EngineSettings& settings) {
  const library_settings to{settings.id.value,        settings.address.c_str(), settings.seed,
                            settings.election_ms,     settings.heartbeat_ms,    settings.snapshot_ms,
                            settings.inflight_entries};
  library_ = library_new(&to);
}

Engine::~Engine() { library_free(library_); }

Engine::Outcome Engine::take(int result, Update& update) {
  switch (result) {
    case LIBRARY_OK:
      update = update_of(*library_result_of(library_));
      return Outcome::done;
    case LIBRARY_NOT_LEADER:
      return Outcome::not_leader;
    case LIBRARY_CANT_CHANGE:
      return Outcome::cant_change;
    case LIBRARY_BAD_SERVER:
      return Outcome::bad_server;
    default:
      throw Broken(std::string("raft: ") + library_error_text(library_));
  }
}

Update Engine::take(int result) {
  Update update;
  if (take(result, update) != Outcome::done)
    throw Broken(std::string("raft: ") + library_error_text(library_));
  return update;
}

Update Engine::start(uint64_t now, record::Term term, NodeId vote, const std::optional<Snapshot>& snapshot,
                     std::span<const record::Term> terms, const std::map<uint64_t, std::string>& changes) {
  const uint64_t first = snapshot ? snapshot->index.value + 1 : 1;
  std::vector<library_entry> list;
  list.reserve(terms.size());
  for (const record::Term& entry_term : terms) list.push_back({entry_term.value, false, nullptr, 0});
  for (const auto& [index, bytes] : changes) {
    library_entry& entry = list.at(index - first);
    entry = {entry.term, true, bytes.data(), bytes.size()};
  }
  const Configuration none;
  const LibraryServers servers(snapshot ? snapshot->configuration : none,
                               snapshot ? snapshot->configuration_index : record::EntryIndex{});
  library_snapshot metadata{};
  if (snapshot) metadata = library_snapshot_of(*snapshot, servers);
  return take(library_start(library_, now, term.value, vote.value, snapshot ? &metadata : nullptr, first,
                            list.data(), list.size()));
}

Update Engine::receive(uint64_t now, NodeId from, const std::string& address, const Message& message) {
  return take(library_receive(library_, now, LibraryMessage(from, address, message).get()));
}

Update Engine::persisted(uint64_t now, record::EntryIndex index) {
  return take(library_persisted(library_, now, index.value));
}
Update Engine::installed(uint64_t now) { return take(library_installed(library_, now)); }

Update Engine::configured(uint64_t now, const Configuration& configuration, record::EntryIndex index) {
  return take(library_configured(library_, now, &LibraryServers(configuration, index).get()));
}

Update Engine::floor(uint64_t now, const Snapshot& snapshot) {
  const LibraryServers servers(snapshot.configuration, snapshot.configuration_index);
  const library_snapshot metadata = library_snapshot_of(snapshot, servers);
  return take(library_floor(library_, now, &metadata));
}

Update Engine::timeout(uint64_t now) { return take(library_timeout(library_, now)); }

Engine::Outcome Engine::submit(uint64_t now, std::span<const Entry> entries, Update& update) {
  const std::vector<library_entry> list = library_entries(entries);
  return take(library_submit(library_, now, list.data(), static_cast<uint32_t>(list.size())), update);
}

Engine::Outcome Engine::transfer(uint64_t now, NodeId to, Update& update) {
  return take(library_transfer(library_, now, to.value), update);
}

Engine::State Engine::state() const {
  switch (library_state_of(library_)) {
    case LIBRARY_LEADER:
      return State::leader;
    case LIBRARY_CANDIDATE:
      return State::candidate;
    default:
      return State::follower;
  }
}

record::Term Engine::term() const { return {library_term(library_)}; }
NodeId Engine::vote() const { return {library_vote(library_)}; }
record::EntryIndex Engine::commit() const { return {library_commit(library_)}; }
record::EntryIndex Engine::last() const { return {library_last_index(library_)}; }
record::Term Engine::term_of(record::EntryIndex index) const {
  return {library_term_of(library_, index.value)};
}
uint64_t Engine::timeout_at() const { return library_timeout_at(library_); }
record::EntryIndex Engine::match(NodeId id) const { return {library_match(library_, id.value)}; }
NodeId Engine::transferee() const { return {library_transferee(library_)}; }
record::EntryIndex Engine::uncommitted_change() const { return {library_uncommitted_change(library_)}; }

bool Engine::alone() const { return library_alone(library_); }
bool Engine::sole_voter() const { return library_sole_voter(library_); }

NodeId Engine::leader_id() const {
  uint64_t id = 0;
  const char* address = nullptr;
  library_leader(library_, &id, &address);
  return {id};
}

Server Engine::leader() const {
  uint64_t id = 0;
  const char* address = nullptr;
  library_leader(library_, &id, &address);
  return {{id}, address, Role::voter};
}

Configuration Engine::configuration() const {
  const library_servers from = library_configuration(library_);
  Configuration out;
  for (size_t i = 0; i < from.count; ++i)
    out.servers.push_back({{from.list[i].id}, from.list[i].address, static_cast<Role>(from.list[i].role)});
  return out;
}

}  // namespace lode::raft
