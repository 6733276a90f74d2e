// Group: what comes from other nodes.
#include <algorithm>

#include "raft/configuration.h"
#include "raft/group.h"
#include "raft/split.h"

namespace lode::raft {

namespace {

// Only who leads the term says these.
std::optional<record::Term> term_of_leader(const Message& message) {
  if (const auto* append = std::get_if<AppendEntries>(&message)) return append->term;
  if (const auto* install = std::get_if<InstallSnapshot>(&message)) return install->term;
  return std::nullopt;
}

}  // namespace

void Group::receive(uint64_t now, NodeId from, const std::string& address, Message message) {
  if (const auto term = term_of_leader(message); term >= engine_.term()) leader_silent_ = false;
  if (auto* append = std::get_if<AppendEntries>(&message)) {
    receive_entries(now, from, address, std::move(*append));
  } else if (auto* install = std::get_if<InstallSnapshot>(&message)) {
    receive_snapshot(now, from, address, std::move(*install));
  } else if (std::holds_alternative<TimeoutNow>(message) && engine_.sole_voter()) {
    return;  // it becomes leader by its own vote, in a term of its own
  } else if (is_answer_of_a_stranger(from, message)) {
    return;  // the term of a node that was removed would only end this one
  } else {
    if (const auto* request = std::get_if<RequestVote>(&message)) say_goodbye(*request, address);
    act(now, engine_.receive(now, from, address, message), {});
  }
  watch_leader();  // it may have broken its silence with something that needs no step
}

bool Group::is_answer_of_a_stranger(NodeId from, const Message& message) const {
  record::Term term;
  if (const auto* append = std::get_if<AppendEntriesResult>(&message)) term = append->term;
  if (const auto* vote = std::get_if<RequestVoteResult>(&message)) term = vote->term;
  return term > engine_.term() && find(engine_.configuration(), from) == nullptr;
}

// A log that begins behind a floor holds committed entries up to it, so the leader has the same ones. The
// library would append those below the floor behind its last entry when the message begins at entry 1.
void Group::skip_known(AppendEntries& message) const {
  if (!snapshot_ || message.prev_index >= snapshot_->index || message.term < engine_.term()) return;
  const uint64_t known = snapshot_->index.value - message.prev_index.value;
  const auto count = static_cast<ptrdiff_t>(std::min<uint64_t>(known, message.entries.size()));
  message.entries.erase(message.entries.begin(), message.entries.begin() + count);
  message.prev_index = snapshot_->index;
  message.prev_term = snapshot_->term;
}

void Group::receive_entries(uint64_t now, NodeId from, const std::string& address, AppendEntries message) {
  skip_known(message);
  std::vector<AppendEntries> parts;
  if (settings_.keep_changes_inside || message.term < engine_.term()) {
    parts.push_back(std::move(message));
  } else {
    parts = split_at_changes(std::move(message));
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    confirm_older_change(now, parts[i]);
    Update update = engine_.receive(now, from, address, parts[i]);
    bool refused = false;
    // One answer for the whole message: a refusal at once, a success when the last part says so.
    std::erase_if(update.messages, [&](const Update::Outgoing& out) {
      const auto* result = std::get_if<AppendEntriesResult>(&out.message);
      if (result == nullptr) return false;
      refused |= result->rejected.value != 0;
      return result->rejected.value == 0 && i + 1 < parts.size();
    });
    act(now, std::move(update), parts[i].entries);
    if (refused) return;
  }
}

// A leader appends a configuration only when the one before is committed. The library forgets the older one
// when the newer comes before the news of its commit, and would roll back too far.
void Group::confirm_older_change(uint64_t now, const AppendEntries& part) {
  const record::EntryIndex older = engine_.uncommitted_change();
  if (settings_.keep_changes_inside || older.value == 0 || part.entries.empty()) return;
  if (part.entries.front().type != log::EntryType::change || older > part.prev_index) return;
  if (engine_.term_of(part.prev_index) != part.prev_term) return;
  if (const Configuration* configuration = changes_.at(older)) {
    act(now, engine_.configured(now, *configuration, older), {});
  }
}

void Group::receive_snapshot(uint64_t now, NodeId from, const std::string& address, InstallSnapshot message) {
  const bool known = (snapshot_ && snapshot_->index >= message.last_index) ||
                     engine_.term_of(message.last_index) == message.last_term;
  if (message.term < engine_.term() || known) {
    act(now, engine_.receive(now, from, address, message), {});
    return;
  }
  if (install_) {
    if (install_->message.last_index == message.last_index) install_ = {std::move(message), from, address};
    return;
  }
  install_ = {std::move(message), from, address};
  const InstallSnapshot& m = install_->message;
  const Server* server = find(m.configuration, from);
  observer_.install({m.last_index, m.last_term, m.configuration, m.configuration_index},
                    server ? *server : Server{from, address, Role::voter});
}

void Group::install_done(uint64_t now, const Snapshot& snapshot, bool success) {
  if (!install_ || install_->message.last_index != snapshot.index) return;
  const Install install = std::move(*install_);
  install_.reset();
  if (!success || install.message.term < engine_.term()) return;  // the leader, or a new one, asks again
  Update update = engine_.receive(now, install.from, install.address, install.message);
  if (!update.snapshot) {
    act(now, std::move(update), {});
    return;
  }
  if (update.vote) storage_.save_vote(engine_.term(), engine_.vote());
  storage_.install(snapshot);
  ++epoch_;
  proposals_.forget(snapshot.index);
  snapshot_ = snapshot;
  changes_.reset(snapshot_);
  servers_changed_ = true;
  tail_.reset({snapshot.index.value + 1});
  persisted_ = commit_ = snapshot.index;
  delivered_ = std::max(delivered_, snapshot.index);
  watch_leadership(now, {});
  act(now, engine_.installed(now), {});
  tell_configured(snapshot.configuration, snapshot.configuration_index);
}

// A node that was removed hears of it from nobody, and asks for votes for ever. The leader sends it the log
// up to the entry that removed it; its answers are ignored by the library.
void Group::say_goodbye(const RequestVote& request, const std::string& address) {
  if (!leading_) return;
  const auto [index, configuration] = changes_.as_of(delivered_);
  if (find(configuration, request.candidate) != nullptr || find(engine_.configuration(), request.candidate))
    return;
  const record::Term term = engine_.term_of(request.last_index);
  if (request.last_index >= index || term != request.last_term || term.value == 0) return;
  const uint64_t missing = index.value - request.last_index.value;
  sender_.append(request.candidate, address, {engine_.term(), request.last_index, term, commit_, {}},
                 static_cast<uint32_t>(std::min<uint64_t>(missing, settings_.engine.inflight_entries)));
}

}  // namespace lode::raft
