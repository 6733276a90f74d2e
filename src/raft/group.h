// One node's part in a group of nodes that hold one log: everything around the Raft library that must be
// right, and nothing that needs a thread, a clock, a disk or a socket. The replica (replica.h) runs it in the
// service, the simulator (tests/sim) under a seed.
//
// After each step of the library, in this order: term and vote durable; entries to the disk's queue;
// messages; leadership; what is committed to the observer. A leader tells of entries that a majority has
// before its own disk has them; a follower only of what its disk has.
//
// What the library leaves to us, or gets wrong (0.22.1), and where it is cured:
// * A CHANGE entry must come first in a step, and a second one confirms the first: receive.cpp.
// * A sole voter makes itself leader without a new term, also after a crash in which it lost entries of that
//   term that a standby has: it votes for itself in a new term first (start, timeout).
// * A configuration may only change once an entry of the leader's term is committed: each term begins with a
//   no-op, and changes wait for it.
// * The commit index may go back: ours does not.
// * Completions of writes that a truncation overtook: epochs.
// * The term in a removed node's answer would end the leader's: it is not looked at.
// * A removed node isn't told: a leader sends it the entry that removes it, when it asks for votes.
// * Installing a snapshot can't fail halfway: the library hears of it when the state is there.
// Threads: one at a time. Time: `now` in milliseconds, never going back. Throws Broken.
#pragma once

#include "raft/changes.h"
#include "raft/engine.h"
#include "raft/observer.h"
#include "raft/proposals.h"
#include "raft/recovery.h"
#include "raft/sender.h"
#include "raft/status.h"

namespace lode::raft {

struct GroupSettings {
  EngineSettings engine;
  size_t tail_bytes = 64u << 20;
  size_t message_bytes = 4u << 20;   // of entries in one message; one entry at least
  size_t entry_bytes = 1u << 20;     // of one proposal, at the most
  uint32_t open_proposals = 4096;    // proposed here and not told as committed
  size_t open_bytes = 64u << 20;     // their payloads
  uint32_t promote_behind = 128;     // a standby this near to the leader's last entry may become a voter
  bool keep_changes_inside = false;  // a deliberate mistake, for the simulator's own test
};

struct Proposal {
  std::string_view payload;
  std::shared_ptr<const void> owner;  // of the payload's bytes
  uint64_t cookie = 0;
  log::EntryType type =
      log::EntryType::batch;  // or control; or barrier: commits after all that is committed now
};

enum class Proposed { taken, not_leader, transferring, full };
enum class Changed {
  started,  // told by Observer::configured when it is committed
  not_leader,
  busy,  // another change or a hand-over is under way, or this term has committed nothing yet
  already_so,
  no_such_server,
  id_or_address_in_use,
  behind,  // a standby that is too far behind to vote
  last_voter,
  leads,  // hand over first: see remove
};

class Group {
 public:
  Group(const GroupSettings& settings, Storage& storage, Network& network, Observer& observer);
  ~Group();

  // First of all, once. The observer hears of entries behind `applied` only.
  void start(uint64_t now, Recovered recovered, record::EntryIndex applied);

  // Events.
  void receive(uint64_t now, NodeId from, const std::string& address, Message message);
  void persisted(uint64_t now, record::EntryIndex index, uint64_t epoch);
  void read_done(const ReadRequest& request, std::vector<Entry> entries) {
    sender_.read_done(request, std::move(entries));
  }
  void install_done(uint64_t now, const Snapshot& snapshot, bool success);
  void timeout(uint64_t now);  // at or after timeout_at()
  uint64_t timeout_at() const { return engine_.timeout_at(); }

  // All or none. Throws std::length_error for a payload that is too long.
  Proposed propose(uint64_t now, std::span<const Proposal> proposals);
  Changed add_standby(uint64_t now, const Server& server);
  Changed promote(uint64_t now, NodeId id);
  // Never the leader itself: if only it had the entry that removes it when it lost the lead, it would have
  // the longest log and could not ask for votes, and nobody could lead again.
  Changed remove(uint64_t now, NodeId id);
  Changed readdress(uint64_t now, NodeId id, const std::string& address);
  // To 0: to whom is nearest. True: begun; see Status::transferring_to and leader.
  bool transfer(uint64_t now, NodeId to);

  // The log up to `index` is not needed here any more: its floor becomes the nearest index that is allowed,
  // below or at `index`. The answer is the floor. A follower that has less will need a state: the caller
  // looks at Status::peers first.
  record::EntryIndex prune(uint64_t now, record::EntryIndex index);

  Status status() const;
  bool is_leader() const { return leading_; }
  // The disk has the log as it is up to there.
  record::EntryIndex persisted() const { return persisted_; }
  bool is_sole_voter() const { return engine_.sole_voter(); }
  std::optional<Server> leader() const;  // nothing: not known, or not heard from for too long

 private:
  void act(uint64_t now, Update update, std::span<const Entry> given);
  void take_entries(const Update& update, std::span<const Entry> given);
  void send(Update::Outgoing out);
  void release_hand_over();
  void tell_commit();
  void watch_leadership(uint64_t now, record::EntryIndex no_op);
  void watch_leader();
  void deliver(uint64_t now);
  void vote_for_self(uint64_t now);
  void tell_configured(const Configuration& configuration, record::EntryIndex index);

  bool is_answer_of_a_stranger(NodeId from, const Message& message) const;
  void receive_entries(uint64_t now, NodeId from, const std::string& address, AppendEntries message);
  void skip_known(AppendEntries& message) const;
  void confirm_older_change(uint64_t now, const AppendEntries& part);
  void receive_snapshot(uint64_t now, NodeId from, const std::string& address, InstallSnapshot message);
  void say_goodbye(const RequestVote& request, const std::string& address);

  Changed change(uint64_t now, const Configuration& next);
  std::optional<Changed> refuse_change() const;

  GroupSettings settings_;
  Storage& storage_;
  Observer& observer_;
  Network& network_;
  Engine engine_;
  Tail tail_;
  Sender sender_;
  Changes changes_;
  Proposals proposals_;
  struct Told {
    std::string address;
    record::EntryIndex commit;
  };
  std::map<NodeId, Told> told_commit_;         // leader: what its last message to a peer said
  std::optional<Update::Outgoing> hand_over_;  // waits until the other has every entry
  std::optional<Snapshot> snapshot_;
  record::EntryIndex persisted_, commit_, delivered_, applied_;
  uint64_t epoch_ = 0;
  bool leading_ = false;
  bool delivering_ = false;
  bool leader_silent_ = false;    // follower: for an election timeout
  bool servers_changed_ = false;  // since leader_told_
  std::optional<Server> leader_told_;
  record::Term leader_term_;       // in which it leads
  bool member_ = false;            // of the last configuration that is committed
  record::EntryIndex term_start_;  // leader: the no-op of its term
  record::Term own_term_;          // the last one in which this node voted for itself as the sole voter
  struct Install {
    InstallSnapshot message;
    NodeId from;
    std::string address;
  };
  std::optional<Install> install_;  // the observer is at it
};

}  // namespace lode::raft
