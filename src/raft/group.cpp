#include "raft/group.h"

#include <algorithm>
#include <utility>

#include "raft/configuration.h"

namespace lode::raft {

namespace {

State state_of(Engine::State state) {
  switch (state) {
    case Engine::State::leader:
      return State::leader;
    case Engine::State::candidate:
      return State::candidate;
    default:
      return State::follower;
  }
}

// Bytes that last as long as the program own nothing.
const std::shared_ptr<const void> kNoOwner = std::make_shared<char>();

}  // namespace

Group::Group(const GroupSettings& settings, Storage& storage, Network& network, Observer& observer)
    : settings_(settings),
      storage_(storage),
      observer_(observer),
      network_(network),
      engine_(settings.engine),
      sender_(tail_, storage, network, settings.message_bytes) {}

Group::~Group() = default;

void Group::start(uint64_t now, Recovered recovered, record::EntryIndex applied) {
  snapshot_ = recovered.snapshot;
  changes_.reset(snapshot_);
  for (const auto& [index, payload] : recovered.changes) changes_.add({index}, payload);
  const record::EntryIndex floor = snapshot_ ? snapshot_->index : record::EntryIndex{};
  persisted_ = {floor.value + recovered.terms.size()};
  tail_.reset({persisted_.value + 1});
  delivered_ = commit_ = floor;
  applied_ = applied;
  member_ = find(changes_.as_of(floor).second, settings_.engine.id) != nullptr;

  const auto [index, configuration] = changes_.as_of(persisted_);
  if (raft::is_sole_voter(configuration, settings_.engine.id)) {
    own_term_ = recovered.term = {recovered.term.value + 1};
    recovered.vote = settings_.engine.id;
    storage_.save_vote(recovered.term, recovered.vote);
  }
  act(now, engine_.start(now, recovered.term, recovered.vote, snapshot_, recovered.terms, recovered.changes),
      {});
}

void Group::act(uint64_t now, Update update, std::span<const Entry> given) {
  if (update.vote) storage_.save_vote(engine_.term(), engine_.vote());
  if (update.entry_index.value != 0) take_entries(update, given);
  for (Update::Outgoing& out : update.messages) send(std::move(out));
  watch_leadership(now, update.no_op ? update.entry_index : record::EntryIndex{});
  watch_leader();
  deliver(now);
  release_hand_over();
  tell_commit();
}

void Group::take_entries(const Update& update, std::span<const Entry> given) {
  const record::EntryIndex first = update.entry_index;
  std::vector<Entry> entries;
  if (update.no_op) {
    entries.push_back({engine_.term(), log::EntryType::no_op, {}, kNoOwner});
  } else {
    if (update.entry_count > given.size())
      throw Broken("raft: the library wants entries that nobody gave it");
    const auto taken = given.last(update.entry_count);
    entries.assign(taken.begin(), taken.end());
  }
  if (first < tail_.next()) {  // another leader's entries take the place of ours
    ++epoch_;
    if (first <= commit_) throw Broken("raft: a committed entry would be overwritten");
    tail_.truncate(first);
    changes_.truncate(first);
    servers_changed_ = true;
    persisted_ = std::min(persisted_, record::EntryIndex{first.value - 1});
  }
  record::EntryIndex index = first;
  for (const Entry& entry : entries) {
    if (entry.type == log::EntryType::change) {
      changes_.add(index, entry.payload);
      servers_changed_ = true;
    }
    tail_.push(entry);
    ++index.value;
  }
  storage_.append(first, std::move(entries), epoch_);
}

void Group::send(Update::Outgoing out) {
  if (out.to == settings_.engine.id) return;
  if (auto* append = std::get_if<AppendEntries>(&out.message)) {
    told_commit_[out.to] = {out.address, append->leader_commit};
    sender_.append(out.to, out.address, std::move(*append), out.entry_count);
    return;
  }
  if (auto* install = std::get_if<InstallSnapshot>(&out.message)) {
    if (!snapshot_ || snapshot_->index != install->last_index) return;
    install->configuration = snapshot_->configuration;
    install->configuration_index = snapshot_->configuration_index;
  }
  // The library takes the first answer for the last one: with entries on their way the other would ignore it.
  if (std::holds_alternative<TimeoutNow>(out.message) && engine_.match(out.to) < engine_.last()) {
    hand_over_ = std::move(out);
    return;
  }
  network_.send(out.to, out.address, std::move(out.message));
}

void Group::release_hand_over() {
  if (!hand_over_ ||
      (leading_ && engine_.transferee() == hand_over_->to && engine_.match(hand_over_->to) < engine_.last()))
    return;
  Update::Outgoing out = std::move(*hand_over_);
  hand_over_.reset();
  if (leading_ && engine_.transferee() == out.to) send(std::move(out));  // else it was given up
}

// A peer that has every entry would hear of a commit with the next heartbeat only: it is told at once, so
// that whoever waits there for what was forwarded doesn't wait for that.
void Group::tell_commit() {
  if (!leading_) return;
  for (auto& [peer, told] : told_commit_) {
    const record::EntryIndex last = engine_.last();
    if (told.commit >= commit_ || engine_.match(peer) != last) continue;
    told.commit = commit_;
    sender_.append(peer, told.address, {engine_.term(), last, engine_.term_of(last), commit_, {}}, 0);
  }
}

void Group::watch_leadership(uint64_t now, record::EntryIndex no_op) {
  const bool leads = engine_.state() == Engine::State::leader;
  if (leads == leading_) return;
  leading_ = leads;
  told_commit_.clear();
  if (!leads) {
    sender_.clear();
    const std::vector<uint64_t> open = proposals_.doubt();
    observer_.following();
    if (!open.empty()) observer_.in_doubt(open);
    return;
  }
  term_start_ = no_op;
  observer_.leading(engine_.term());
  if (no_op.value != 0) return;
  const Entry entry{engine_.term(), log::EntryType::no_op, {}, kNoOwner};
  term_start_ = {engine_.last().value + 1};
  Update update;
  if (engine_.submit(now, {&entry, 1}, update) != Engine::Outcome::done) throw Broken("raft: no first entry");
  act(now, std::move(update), {&entry, 1});
}

void Group::watch_leader() {
  // Elected anew: what it had of its former term may be lost.
  if (std::exchange(leader_term_, engine_.term()) != engine_.term() && leader_told_) {
    leader_told_.reset();
    observer_.leader_changed(std::nullopt);
  }
  const NodeId id = leading_ ? settings_.engine.id : leader_silent_ ? NodeId{} : engine_.leader_id();
  if (id == (leader_told_ ? leader_told_->id : NodeId{}) && !servers_changed_) return;
  servers_changed_ = false;
  std::optional<Server> now_leads = leader();
  if (now_leads == leader_told_) return;
  leader_told_ = std::move(now_leads);
  observer_.leader_changed(leader_told_);
}

void Group::deliver(uint64_t now) {
  commit_ = std::max(commit_, engine_.commit());
  if (delivering_) return;  // the loop below goes on with it
  delivering_ = true;
  std::vector<Committed> run;
  auto tell = [&] {
    if (!run.empty()) observer_.committed(run);
    run.clear();
  };
  while (delivered_ < (leading_ ? commit_ : std::min(commit_, persisted_))) {
    ++delivered_.value;
    const Entry* entry = tail_.find(delivered_);
    const auto [cookie, lost] = proposals_.committed(delivered_, engine_.term_of(delivered_));
    if (!lost.empty()) observer_.lost(lost);
    if (delivered_ > applied_) {
      const bool goes_on = !run.empty() && !run.back().entry && !run.back().cookie;
      if (entry == nullptr && !cookie && goes_on) {
        run.back().last = delivered_;
      } else {
        run.push_back({delivered_, delivered_, entry ? std::optional(*entry) : std::nullopt, cookie});
      }
    }
    if (const Configuration* configuration = changes_.at(delivered_)) {
      tell();
      const Configuration committed = *configuration;
      const record::EntryIndex index = delivered_;
      act(now, engine_.configured(now, committed, index), {});
      tell_configured(committed, index);
    }
  }
  tell();
  delivering_ = false;
  tail_.trim(persisted_, engine_.alone() ? 0 : settings_.tail_bytes);
}

void Group::tell_configured(const Configuration& configuration, record::EntryIndex index) {
  const bool was_member = member_;
  member_ = find(configuration, settings_.engine.id) != nullptr;
  observer_.configured(configuration, index);
  if (was_member && !member_) observer_.removed();
}

void Group::persisted(uint64_t now, record::EntryIndex index, uint64_t epoch) {
  if (epoch != epoch_ || index <= persisted_) return;
  persisted_ = index;
  act(now, engine_.persisted(now, index), {});
}

void Group::timeout(uint64_t now) {
  if (engine_.state() == Engine::State::follower && engine_.sole_voter() && own_term_ != engine_.term()) {
    if (now >= engine_.timeout_at()) vote_for_self(now);
    return;
  }
  // A follower that does not vote stays one, and the library goes on to name its leader.
  const bool waited = engine_.state() == Engine::State::follower && now >= engine_.timeout_at();
  leader_silent_ |= waited;
  act(now, engine_.timeout(now), {});
}

// A request of its own for the next term, which it grants itself; at the next timeout it becomes leader of
// it.
void Group::vote_for_self(uint64_t now) {
  own_term_ = {engine_.term().value + 1};
  const record::EntryIndex last = engine_.last();
  const RequestVote request{own_term_, settings_.engine.id, last, engine_.term_of(last), true, false};
  act(now, engine_.receive(now, settings_.engine.id, settings_.engine.address, request), {});
}

Proposed Group::propose(uint64_t now, std::span<const Proposal> proposals) {
  if (!leading_) return Proposed::not_leader;
  if (engine_.transferee().value != 0) return Proposed::transferring;
  std::vector<Entry> entries;
  entries.reserve(proposals.size());
  size_t bytes = 0;
  for (const Proposal& proposal : proposals) {
    if (proposal.payload.size() > settings_.entry_bytes)
      throw std::length_error("raft: an entry is too long");
    bytes += proposal.payload.size();
    entries.push_back(
        {engine_.term(), proposal.type, proposal.payload, proposal.owner ? proposal.owner : kNoOwner});
  }
  if (entries.empty()) return Proposed::taken;
  const bool room = proposals_.count() + entries.size() <= settings_.open_proposals &&
                    proposals_.bytes() + bytes <= settings_.open_bytes;
  if (!room && proposals_.count() > 0) return Proposed::full;

  const record::EntryIndex first{engine_.last().value + 1};
  Update update;
  if (engine_.submit(now, entries, update) != Engine::Outcome::done) return Proposed::not_leader;
  for (size_t i = 0; i < proposals.size(); ++i) {
    proposals_.add({first.value + i}, engine_.term(), proposals[i].cookie, proposals[i].payload.size());
  }
  act(now, std::move(update), entries);
  return Proposed::taken;
}

record::EntryIndex Group::prune(uint64_t now, record::EntryIndex index) {
  const record::EntryIndex floor = snapshot_ ? snapshot_->index : record::EntryIndex{};
  index = std::min({index, delivered_, persisted_});
  const auto [changed, configuration] = changes_.as_of(index);
  // The library takes a log that begins behind entry 1 for a whole one, and would wait for it for ever.
  if (index <= floor || changed.value == 0 || index.value == 1) return floor;
  const Snapshot next{index, engine_.term_of(index), configuration, changed};
  storage_.save_floor(next);
  snapshot_ = next;
  changes_.forget(index);
  act(now, engine_.floor(now, next), {});
  return index;
}

std::optional<Server> Group::leader() const {
  if (leading_) return Server{settings_.engine.id, settings_.engine.address, Role::voter};
  Server server = engine_.leader();
  if (server.id.value == 0 || leader_silent_) return std::nullopt;
  const Configuration configuration = engine_.configuration();
  if (const Server* known = find(configuration, server.id)) return *known;
  return server;
}

Status Group::status() const {
  Status out;
  out.state = state_of(engine_.state());
  out.term = engine_.term();
  out.leader = leader();
  out.floor = snapshot_ ? snapshot_->index : record::EntryIndex{};
  out.last = engine_.last();
  out.persisted = persisted_;
  out.commit = commit_;
  out.delivered = delivered_;
  out.configuration = engine_.configuration();
  out.changing = engine_.uncommitted_change().value != 0;
  out.configuration_index = changes_.as_of(engine_.last()).first;
  out.installing = install_.has_value();
  out.transferring_to = engine_.transferee();
  for (const Server& server : out.configuration.servers) {
    if (leading_ && server.id != settings_.engine.id) out.peers.push_back({server, engine_.match(server.id)});
  }
  out.open_proposals = proposals_.count();
  out.open_bytes = proposals_.bytes();
  return out;
}

}  // namespace lode::raft
