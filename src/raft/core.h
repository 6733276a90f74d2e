// The Raft library (cowsql/raft 0.22.1) behind one wall: core_library.c alone includes raft.h, which is not
// C++. One handle is one node's part in one group: pure state, no thread, no clock, no disk, no network.
//
// Ownership: everything that is passed in stays the caller's and is read during the call only. What a call
// answers (core_update, core_leader, core_configuration) is the handle's and good until the next call.
// Threads: none; one call at a time on a handle. Time: milliseconds of a clock that never goes back.
// Errors: CORE_OK or one of the codes below; anything else means that the node's log contradicts the leader's
// committed entries or that memory is out, and the process must end (core_error_text).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Names as C has them.
// NOLINTBEGIN(readability-identifier-naming)
typedef struct core core;

enum core_result {
  CORE_OK = 0,
  CORE_NOT_LEADER = 1,
  CORE_CANT_CHANGE = 2,
  CORE_BAD_SERVER = 3,
  CORE_BROKEN = 4
};
enum core_role { CORE_STANDBY = 0, CORE_VOTER = 1, CORE_SPARE = 2 };
enum core_state { CORE_FOLLOWER = 1, CORE_CANDIDATE = 2, CORE_LEADER = 3 };

typedef struct core_server {
  uint64_t id;
  const char* address;
  int role;
} core_server;

typedef struct core_servers {
  const core_server* list;
  size_t count;
  uint64_t index;  // of the CHANGE entry that it stands in
} core_servers;

// The library reads the bytes of CHANGE entries only.
typedef struct core_entry {
  uint64_t term;
  bool change;
  const void* bytes;
  size_t size;
} core_entry;

enum core_message_kind {
  CORE_APPEND_ENTRIES = 1,
  CORE_APPEND_ENTRIES_RESULT,
  CORE_REQUEST_VOTE,
  CORE_REQUEST_VOTE_RESULT,
  CORE_INSTALL_SNAPSHOT,
  CORE_TIMEOUT_NOW
};

// One shape for all kinds; what a kind has not is 0.
typedef struct core_message {
  enum core_message_kind kind;
  uint64_t peer;        // who sent it, or who gets it
  const char* address;  // of the peer
  uint64_t term;
  uint64_t index;       // append: previous index; votes, snapshot, timeout: last index; result: last index
  uint64_t index_term;  // the term of `index`
  uint64_t commit;      // append
  uint64_t rejected;    // result of append
  uint64_t candidate;   // request of a vote
  bool disrupt_leader, pre_vote, granted;
  uint16_t features, capacity;
  const core_entry* entries;  // append, when received; to send: NULL, the caller fills them in
  uint32_t entry_count;
  core_servers servers;  // snapshot, when received; to send: none, the caller fills them in
} core_message;

typedef struct core_snapshot {
  uint64_t index, term;
  core_servers servers;
} core_snapshot;

// What a step wants done, in this order.
typedef struct core_update {
  bool vote;             // term and vote must be durable before any message leaves
  uint64_t entry_index;  // not 0: entry_count entries from here on replace what the log has from there on.
  uint32_t entry_count;  // They are the last ones of those that were passed in, or, with `no_op`, one no-op
  bool no_op;            // of the current term.
  bool snapshot;         // core_install: the log must become the snapshot, then core_installed()
  const core_message* messages;
  uint32_t message_count;
} core_update;

typedef struct core_settings {
  uint64_t id;
  const char* address;
  uint32_t seed, election_ms, heartbeat_ms, snapshot_ms, inflight_entries;
} core_settings;

core* core_new(const core_settings* settings);
void core_free(core* c);
const char* core_error_text(core* c);

// Events. core_start is the first one, once; `first` is the index of entries[0]; snapshot may be NULL.
int core_start(core* c, uint64_t now, uint64_t term, uint64_t vote, const core_snapshot* snapshot,
               uint64_t first, const core_entry* entries, size_t count);
int core_receive(core* c, uint64_t now, const core_message* message);
int core_submit(core* c, uint64_t now, const core_entry* entries, uint32_t count);
int core_persisted(core* c, uint64_t now, uint64_t index);
int core_installed(core* c, uint64_t now);
int core_configured(core* c, uint64_t now, const core_servers* servers);
int core_floor(core* c, uint64_t now, const core_snapshot* snapshot);
int core_timeout(core* c, uint64_t now);
int core_transfer(core* c, uint64_t now, uint64_t target);
const core_update* core_result_of(const core* c);  // of the last event that answered CORE_OK

// State.
enum core_state core_state_of(const core* c);
uint64_t core_term(const core* c);
uint64_t core_vote(const core* c);
uint64_t core_commit(const core* c);
uint64_t core_last_index(const core* c);
uint64_t core_term_of(const core* c, uint64_t index);  // 0: not in the log any more, or not yet
uint64_t core_timeout_at(const core* c);
uint64_t core_match(const core* c, uint64_t id);  // 0 when not leader
uint64_t core_transferee(const core* c);
uint64_t core_uncommitted_change(const core* c);  // index, or 0
bool core_alone(const core* c);                   // no other server in the newest configuration
bool core_sole_voter(const core* c);              // the only voter of it
void core_leader(core* c, uint64_t* id, const char** address);
core_servers core_configuration(core* c);  // the newest, committed or not

// A configuration as the payload of a CHANGE entry. encode: the caller frees with core_free_bytes.
void* core_encode(const core_servers* servers, size_t* size);
void core_free_bytes(void* bytes);
// Calls `take` for each server; false: these bytes are no configuration.
bool core_decode(const void* bytes, size_t size, void (*take)(void* to, const core_server* server), void* to);

// NOLINTEND(readability-identifier-naming)

#ifdef __cplusplus
}
#endif
