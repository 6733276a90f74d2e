// The Raft library (cowsql/raft 0.22.1) behind one wall: library.c alone includes raft.h, which is not
// C++. One handle is one node's part in one group: pure state, no thread, no clock, no disk, no network.
//
// Ownership: everything that is passed in stays the caller's and is read during the call only. What a call
// answers (an update, the leader, the configuration) is the handle's and good until the next call.
// Threads: none; one call at a time on a handle. Time: milliseconds of a clock that never goes back.
// Errors: LIBRARY_OK or one of the codes below; anything else means that the node's log contradicts the
// leader's committed entries or that memory is out, and the process must end (library_error_text).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Names as C has them.
// NOLINTBEGIN(readability-identifier-naming)
typedef struct library library;

enum library_result {
  LIBRARY_OK = 0,
  LIBRARY_NOT_LEADER = 1,
  LIBRARY_CANT_CHANGE = 2,
  LIBRARY_BAD_SERVER = 3,
  LIBRARY_BROKEN = 4
};
enum library_role { LIBRARY_STANDBY = 0, LIBRARY_VOTER = 1, LIBRARY_SPARE = 2 };
enum library_state { LIBRARY_FOLLOWER = 1, LIBRARY_CANDIDATE = 2, LIBRARY_LEADER = 3 };

typedef struct library_server {
  uint64_t id;
  const char* address;
  int role;
} library_server;

typedef struct library_servers {
  const library_server* list;
  size_t count;
  uint64_t index;  // of the CHANGE entry that it stands in
} library_servers;

// The library reads the bytes of CHANGE entries only.
typedef struct library_entry {
  uint64_t term;
  bool change;
  const void* bytes;
  size_t size;
} library_entry;

enum library_message_kind {
  LIBRARY_APPEND_ENTRIES = 1,
  LIBRARY_APPEND_ENTRIES_RESULT,
  LIBRARY_REQUEST_VOTE,
  LIBRARY_REQUEST_VOTE_RESULT,
  LIBRARY_INSTALL_SNAPSHOT,
  LIBRARY_TIMEOUT_NOW
};

// One shape for all kinds; what a kind has not is 0.
typedef struct library_message {
  enum library_message_kind kind;
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
  const library_entry* entries;  // append, when received; to send: NULL, the caller fills them in
  uint32_t entry_count;
  library_servers servers;  // snapshot, when received; to send: none, the caller fills them in
} library_message;

typedef struct library_snapshot {
  uint64_t index, term;
  library_servers servers;
} library_snapshot;

// What a step wants done, in this order.
typedef struct library_update {
  bool vote;             // term and vote must be durable before any message leaves
  uint64_t entry_index;  // not 0: entry_count entries from here on replace what the log has from there on.
  uint32_t entry_count;  // They are the last ones of those that were passed in, or, with `no_op`, one no-op
  bool no_op;            // of the current term.
  bool snapshot;         // library_install: the log must become the snapshot, then library_installed()
  const library_message* messages;
  uint32_t message_count;
} library_update;

typedef struct library_settings {
  uint64_t id;
  const char* address;
  uint32_t seed, election_ms, heartbeat_ms, snapshot_ms, inflight_entries;
} library_settings;

library* library_new(const library_settings* settings);
void library_free(library* self);
const char* library_error_text(library* self);

// Events. library_start is the first one, once; `first` is the index of entries[0]; snapshot may be NULL.
int library_start(library* self, uint64_t now, uint64_t term, uint64_t vote, const library_snapshot* snapshot,
                  uint64_t first, const library_entry* entries, size_t count);
int library_receive(library* self, uint64_t now, const library_message* message);
int library_submit(library* self, uint64_t now, const library_entry* entries, uint32_t count);
int library_persisted(library* self, uint64_t now, uint64_t index);
int library_installed(library* self, uint64_t now);
int library_configured(library* self, uint64_t now, const library_servers* servers);
int library_floor(library* self, uint64_t now, const library_snapshot* snapshot);
int library_timeout(library* self, uint64_t now);
int library_transfer(library* self, uint64_t now, uint64_t target);
const library_update* library_result_of(const library* self);  // of the last event that answered LIBRARY_OK

// State.
enum library_state library_state_of(const library* self);
uint64_t library_term(const library* self);
uint64_t library_vote(const library* self);
uint64_t library_commit(const library* self);
uint64_t library_last_index(const library* self);
uint64_t library_term_of(const library* self, uint64_t index);  // 0: not in the log any more, or not yet
uint64_t library_timeout_at(const library* self);
uint64_t library_match(const library* self, uint64_t id);  // 0 when not leader
uint64_t library_transferee(const library* self);
uint64_t library_uncommitted_change(const library* self);  // index, or 0
bool library_alone(const library* self);                   // no other server in the newest configuration
bool library_sole_voter(const library* self);              // the only voter of it
void library_leader(library* self, uint64_t* id, const char** address);
library_servers library_configuration(library* self);  // the newest, committed or not

// A configuration as the payload of a CHANGE entry. encode: the caller frees with library_free_bytes.
void* library_encode(const library_servers* servers, size_t* size);
void library_free_bytes(void* bytes);
// Calls `take` for each server; false: these bytes are no configuration.
bool library_decode(const void* bytes, size_t size, void (*take)(void* to, const library_server* server),
                    void* to);

// NOLINTEND(readability-identifier-naming)

#ifdef __cplusplus
}
#endif
