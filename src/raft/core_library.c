#include <raft.h>
#include <stdlib.h>
#include <string.h>

#include "raft/core.h"

#if RAFT_VERSION_NUMBER != 2201
#error "Written for cowsql/raft 0.22.1: later versions change who owns the memory that events pass."
#endif

struct core {
  struct raft raft;
  struct raft_update update;
  core_update result;
  struct raft_snapshot_metadata installing;  // between core_receive and core_installed
  core_message* messages;
  uint32_t message_room;
  core_server* servers;
  size_t server_room;
  uint64_t leader_seen;  // time of the last message from a leader of our term
};

static void* grow(void* memory, size_t* room, size_t count, size_t size) {
  if (count <= *room) return memory;
  *room = count * 2;
  memory = realloc(memory, *room * size);
  if (memory == NULL) abort();
  return memory;
}

static int code_of(int error) {
  switch (error) {
    case 0:
      return CORE_OK;
    case RAFT_NOTLEADER:
      return CORE_NOT_LEADER;
    case RAFT_CANTCHANGE:
      return CORE_CANT_CHANGE;
    case RAFT_BADID:
    case RAFT_NOTFOUND:
      return CORE_BAD_SERVER;
    default:
      return CORE_BROKEN;
  }
}

static int build(struct raft_configuration* to, const core_servers* from) {
  raft_configuration_init(to);
  for (size_t i = 0; i < from->count; i++) {
    const core_server* server = &from->list[i];
    int role = server->role == CORE_VOTER   ? RAFT_VOTER
               : server->role == CORE_SPARE ? RAFT_SPARE
                                            : RAFT_STANDBY;
    int error = raft_configuration_add(to, server->id, server->address, role);
    if (error != 0) {
      raft_configuration_close(to);
      return error;
    }
  }
  return 0;
}

static int build_metadata(struct raft_snapshot_metadata* to, const core_snapshot* from) {
  to->index = from->index;
  to->term = from->term;
  to->configuration_index = from->servers.index;
  return build(&to->configuration, &from->servers);
}

// The library frees the batch of entries that it refuses, and no other: see receive_entries.
static struct raft_entry* build_entries(const core_entry* from, size_t count, void* batch) {
  struct raft_entry* to = count == 0 ? NULL : calloc(count, sizeof *to);
  if (count != 0 && to == NULL) abort();
  for (size_t i = 0; i < count; i++) {
    to[i].term = from[i].term;
    to[i].type = from[i].change ? RAFT_CHANGE : RAFT_COMMAND;
    to[i].buf.base = (void*)from[i].bytes;
    to[i].buf.len = from[i].size;
    to[i].batch = batch;
  }
  return to;
}

static void copy_message(core_message* to, const struct raft_message* from) {
  memset(to, 0, sizeof *to);
  to->peer = from->server_id;
  to->address = from->server_address;
  switch (from->type) {
    case RAFT_APPEND_ENTRIES:
      to->kind = CORE_APPEND_ENTRIES;
      to->term = from->append_entries.term;
      to->index = from->append_entries.prev_log_index;
      to->index_term = from->append_entries.prev_log_term;
      to->commit = from->append_entries.leader_commit;
      to->entry_count = from->append_entries.n_entries;
      break;
    case RAFT_APPEND_ENTRIES_RESULT:
      to->kind = CORE_APPEND_ENTRIES_RESULT;
      to->term = from->append_entries_result.term;
      to->rejected = from->append_entries_result.rejected;
      to->index = from->append_entries_result.last_log_index;
      to->features = from->append_entries_result.features;
      to->capacity = from->append_entries_result.capacity;
      break;
    case RAFT_REQUEST_VOTE:
      to->kind = CORE_REQUEST_VOTE;
      to->term = from->request_vote.term;
      to->candidate = from->request_vote.candidate_id;
      to->index = from->request_vote.last_log_index;
      to->index_term = from->request_vote.last_log_term;
      to->disrupt_leader = from->request_vote.disrupt_leader;
      to->pre_vote = from->request_vote.pre_vote;
      break;
    case RAFT_REQUEST_VOTE_RESULT:
      to->kind = CORE_REQUEST_VOTE_RESULT;
      to->term = from->request_vote_result.term;
      to->granted = from->request_vote_result.vote_granted;
      to->pre_vote = from->request_vote_result.pre_vote;
      to->features = from->request_vote_result.features;
      to->capacity = from->request_vote_result.capacity;
      break;
    case RAFT_INSTALL_SNAPSHOT:  // configuration and data are not filled in by the library
      to->kind = CORE_INSTALL_SNAPSHOT;
      to->term = from->install_snapshot.term;
      to->index = from->install_snapshot.last_index;
      to->index_term = from->install_snapshot.last_term;
      break;
    case RAFT_TIMEOUT_NOW:
      to->kind = CORE_TIMEOUT_NOW;
      to->term = from->timeout_now.term;
      to->index = from->timeout_now.last_log_index;
      to->index_term = from->timeout_now.last_log_term;
      break;
  }
}

static int step(core* c, struct raft_event* event) {
  memset(&c->result, 0, sizeof c->result);
  int error = raft_step(&c->raft, event, &c->update);
  if (error != 0) return error;
  const struct raft_update* update = &c->update;
  c->result.vote = (update->flags & (RAFT_UPDATE_CURRENT_TERM | RAFT_UPDATE_VOTED_FOR)) != 0;
  if (update->flags & RAFT_UPDATE_ENTRIES) {
    c->result.entry_index = update->entries.index;
    c->result.entry_count = update->entries.n;
    if (update->entries.batch == &c->raft.barrier) {  // the no-op of a new leader
      c->result.no_op = true;
      raft_free(c->raft.barrier.batch);
    }
  }
  c->result.snapshot = (update->flags & RAFT_UPDATE_SNAPSHOT) != 0;
  if (c->result.snapshot) c->installing = update->snapshot.metadata;
  if (update->flags & RAFT_UPDATE_MESSAGES) {
    size_t room = c->message_room;
    c->messages = grow(c->messages, &room, update->messages.n, sizeof *c->messages);
    c->message_room = (uint32_t)room;
    for (unsigned i = 0; i < update->messages.n; i++)
      copy_message(&c->messages[i], &update->messages.batch[i]);
    c->result.messages = c->messages;
    c->result.message_count = update->messages.n;
  }
  return 0;
}

static struct raft_event event_at(uint64_t now, enum raft_event_type type) {
  struct raft_event event;
  memset(&event, 0, sizeof event);
  event.time = now;
  event.type = type;
  return event;
}

core* core_new(const core_settings* settings) {
  core* c = calloc(1, sizeof *c);
  if (c == NULL) abort();
  if (raft_init(&c->raft, NULL, NULL, settings->id, settings->address) != 0) abort();
  c->raft.tracer = NULL;  // it formats every step's story into one static buffer, wanted or not
  raft_seed(&c->raft, settings->seed);
  raft_set_pre_vote(&c->raft, true);
  raft_set_election_timeout(&c->raft, settings->election_ms);
  raft_set_heartbeat_timeout(&c->raft, settings->heartbeat_ms);
  raft_set_install_snapshot_timeout(&c->raft, settings->snapshot_ms);
  raft_set_max_inflight_entries(&c->raft, settings->inflight_entries);
  return c;
}

void core_free(core* c) {
  if (c == NULL) return;
  if (c->result.snapshot) raft_configuration_close(&c->installing.configuration);
  raft_close(&c->raft, NULL);
  free(c->messages);
  free(c->servers);
  free(c);
}

const char* core_error_text(core* c) { return raft_errmsg(&c->raft); }

int core_start(core* c, uint64_t now, uint64_t term, uint64_t vote, const core_snapshot* snapshot,
               uint64_t first, const core_entry* entries, size_t count) {
  struct raft_snapshot_metadata metadata;
  struct raft_event event = event_at(now, RAFT_START);
  if (snapshot != NULL) {
    if (build_metadata(&metadata, snapshot) != 0) return CORE_BROKEN;
    event.start.metadata = &metadata;
  }
  void* batch = raft_malloc(1);
  struct raft_entry* list = build_entries(entries, count, batch);
  event.start.term = term;
  event.start.voted_for = vote;
  event.start.start_index = first;
  event.start.entries = list;
  event.start.n_entries = (unsigned)count;
  int error = step(c, &event);
  if (error == 0) raft_free(batch);
  free(list);
  return code_of(error);
}

// The batch is one byte that stands for the memory of all entries: the library frees it unless it takes them.
static int receive_entries(core* c, struct raft_event* event, const core_message* from) {
  struct raft_append_entries* to = &event->receive.message->append_entries;
  void* batch = from->entry_count == 0 ? NULL : raft_malloc(1);
  struct raft_entry* list = build_entries(from->entries, from->entry_count, batch);
  const bool stale = from->term < c->raft.current_term;
  to->term = from->term;
  to->prev_log_index = from->index;
  to->prev_log_term = from->index_term;
  to->leader_commit = from->commit;
  to->entries = list;
  to->n_entries = from->entry_count;
  int error = step(c, event);
  if (error == 0 && c->result.entry_index != 0) raft_free(batch);
  free(list);
  // 0.22.1 answers a stale term with a last index that was never set. Who sent the stale message may have
  // become leader of our term since, and would count it as a match.
  for (uint32_t i = 0; stale && i < c->result.message_count; i++) c->messages[i].index = 0;
  return error;
}

static int receive_snapshot(core* c, struct raft_event* event, const core_message* from) {
  struct raft_install_snapshot* to = &event->receive.message->install_snapshot;
  const bool stale = from->term < c->raft.current_term;
  to->term = from->term;
  to->last_index = from->index;
  to->last_term = from->index_term;
  to->conf_index = from->servers.index;
  int error = build(&to->conf, &from->servers);
  if (error != 0) return error;
  error = step(c, event);
  for (uint32_t i = 0; stale && i < c->result.message_count; i++) c->messages[i].index = 0;
  return error;
}

// 0.22.1 does not let a node vote that is a standby in its own log, and lets it take a leader for alive until
// it is told otherwise. But the candidate's log may make it a voter whose vote is needed, and it hears of
// that only from a leader: nobody would ever lead again. Raft votes without a look at its own configuration;
// so does this.
static int vote(core* c, struct raft_event* event) {
  struct raft_server* own = NULL;
  for (unsigned i = 0; i < c->raft.configuration.n; i++) {
    struct raft_server* server = &c->raft.configuration.servers[i];
    if (server->id == c->raft.id && server->role != RAFT_VOTER) own = server;
  }
  if (own == NULL) return step(c, event);
  const bool quiet = event->time - c->leader_seen >= c->raft.election_timeout;
  if (raft_state(&c->raft) == RAFT_FOLLOWER && quiet) c->raft.follower_state.current_leader.id = 0;
  const int role = own->role;
  own->role = RAFT_VOTER;
  int error = step(c, event);
  own->role = role;
  return error;
}

static int receive_vote_request(core* c, struct raft_event* event, const core_message* from) {
  int error = vote(c, event);
  // 0.22.1 refuses a pre-vote for an old term without a word of the newer one. With the longest log in the
  // oldest term, that node could neither win nor learn: nobody would lead.
  for (uint32_t i = 0; from->pre_vote && i < c->result.message_count; i++) {
    if (c->messages[i].term < c->raft.current_term) c->messages[i].term = c->raft.current_term;
  }
  return error;
}

int core_receive(core* c, uint64_t now, const core_message* from) {
  struct raft_message message;
  struct raft_event event = event_at(now, RAFT_RECEIVE);
  memset(&message, 0, sizeof message);
  memset(&c->result, 0, sizeof c->result);
  event.receive.message = &message;
  message.server_id = from->peer;
  message.server_address = from->address;
  const bool leads = from->kind == CORE_APPEND_ENTRIES || from->kind == CORE_INSTALL_SNAPSHOT;
  if (leads && from->term >= c->raft.current_term) c->leader_seen = now;
  switch (from->kind) {
    case CORE_APPEND_ENTRIES:
      message.type = RAFT_APPEND_ENTRIES;
      return code_of(receive_entries(c, &event, from));
    case CORE_APPEND_ENTRIES_RESULT:
      message.type = RAFT_APPEND_ENTRIES_RESULT;
      message.append_entries_result.term = from->term;
      message.append_entries_result.rejected = from->rejected;
      message.append_entries_result.last_log_index = from->index;
      message.append_entries_result.features = from->features;
      message.append_entries_result.capacity = from->capacity;
      if (from->rejected != 0) {
        // An old refusal, late or doubled: 0.22.1 would send from below what the peer is known to have, take
        // the difference for entries under way without end, and never send it an entry again.
        const uint64_t match = core_match(c, from->peer);
        if (from->rejected <= match) return CORE_OK;
        if (from->index < match) message.append_entries_result.last_log_index = match;
      }
      break;
    case CORE_REQUEST_VOTE:
      message.type = RAFT_REQUEST_VOTE;
      message.request_vote.version = 2;
      message.request_vote.term = from->term;
      message.request_vote.candidate_id = from->candidate;
      message.request_vote.last_log_index = from->index;
      message.request_vote.last_log_term = from->index_term;
      message.request_vote.disrupt_leader = from->disrupt_leader;
      message.request_vote.pre_vote = from->pre_vote;
      return code_of(receive_vote_request(c, &event, from));
    case CORE_REQUEST_VOTE_RESULT:
      // 0.22.1 reads candidate fields before it looks whether it is candidate.
      if (raft_state(&c->raft) != RAFT_CANDIDATE) return CORE_OK;
      message.type = RAFT_REQUEST_VOTE_RESULT;
      message.request_vote_result.version = 2;
      message.request_vote_result.term = from->term;
      message.request_vote_result.vote_granted = from->granted;
      message.request_vote_result.pre_vote = from->pre_vote;
      message.request_vote_result.features = from->features;
      message.request_vote_result.capacity = from->capacity;
      break;
    case CORE_INSTALL_SNAPSHOT:
      message.type = RAFT_INSTALL_SNAPSHOT;
      return code_of(receive_snapshot(c, &event, from));
    case CORE_TIMEOUT_NOW:
      message.type = RAFT_TIMEOUT_NOW;
      message.timeout_now.term = from->term;
      message.timeout_now.last_log_index = from->index;
      message.timeout_now.last_log_term = from->index_term;
      break;
  }
  return code_of(step(c, &event));
}

int core_submit(core* c, uint64_t now, const core_entry* entries, uint32_t count) {
  static char batch;  // never freed by the library on this road; it only must be there
  struct raft_entry* list = build_entries(entries, count, &batch);
  struct raft_event event = event_at(now, RAFT_SUBMIT);
  event.submit.entries = list;
  event.submit.n = count;
  int error = step(c, &event);
  free(list);
  return code_of(error);
}

int core_persisted(core* c, uint64_t now, uint64_t index) {
  struct raft_event event = event_at(now, RAFT_PERSISTED_ENTRIES);
  event.persisted_entries.index = index;
  return code_of(step(c, &event));
}

int core_installed(core* c, uint64_t now) {
  struct raft_event event = event_at(now, RAFT_PERSISTED_SNAPSHOT);
  event.persisted_snapshot.metadata = c->installing;
  event.persisted_snapshot.last = true;
  return code_of(step(c, &event));
}

int core_configured(core* c, uint64_t now, const core_servers* servers) {
  struct raft_event event = event_at(now, RAFT_CONFIGURATION);
  event.configuration.index = servers->index;
  int error = build(&event.configuration.conf, servers);
  return code_of(error != 0 ? error : step(c, &event));
}

int core_floor(core* c, uint64_t now, const core_snapshot* snapshot) {
  struct raft_event event = event_at(now, RAFT_SNAPSHOT);
  int error = build_metadata(&event.snapshot.metadata, snapshot);
  return code_of(error != 0 ? error : step(c, &event));
}

int core_timeout(core* c, uint64_t now) {
  struct raft_event event = event_at(now, RAFT_TIMEOUT);
  return code_of(step(c, &event));
}

int core_transfer(core* c, uint64_t now, uint64_t target) {
  struct raft_event event = event_at(now, RAFT_TRANSFER);
  event.transfer.server_id = target;
  return code_of(step(c, &event));
}

const core_update* core_result_of(const core* c) { return &c->result; }

enum core_state core_state_of(const core* c) {
  switch (c->raft.state) {
    case RAFT_LEADER:
      return CORE_LEADER;
    case RAFT_CANDIDATE:
      return CORE_CANDIDATE;
    default:
      return CORE_FOLLOWER;
  }
}

uint64_t core_term(const core* c) { return raft_current_term(&c->raft); }
uint64_t core_vote(const core* c) { return raft_voted_for(&c->raft); }
uint64_t core_commit(const core* c) { return raft_commit_index(&c->raft); }
uint64_t core_last_index(const core* c) { return raft_last_index((struct raft*)&c->raft); }

uint64_t core_term_of(const core* c, uint64_t index) {
  const struct raft_trail* trail = &c->raft.trail;
  if (index == 0) return 0;
  if (index == trail->snapshot.index) return trail->snapshot.term;
  if (index <= trail->offset || trail->size == 0) return 0;
  for (unsigned i = trail->front; i != trail->back; i = (i + 1) % trail->size) {
    if (index <= trail->records[i].index) return trail->records[i].term;
  }
  return 0;
}

uint64_t core_timeout_at(const core* c) { return raft_timeout(&c->raft); }

uint64_t core_match(const core* c, uint64_t id) {
  raft_index index = 0;
  return raft_match_index(&c->raft, id, &index) == 0 ? index : 0;
}

uint64_t core_transferee(const core* c) { return raft_transferee(&c->raft); }
uint64_t core_uncommitted_change(const core* c) { return c->raft.configuration_uncommitted_index; }

bool core_alone(const core* c) { return c->raft.configuration.n <= 1; }

bool core_sole_voter(const core* c) {
  const struct raft_configuration* servers = &c->raft.configuration;
  bool own = false;
  for (unsigned i = 0; i < servers->n; i++) {
    if (servers->servers[i].role != RAFT_VOTER) continue;
    if (servers->servers[i].id != c->raft.id) return false;
    own = true;
  }
  return own;
}

void core_leader(core* c, uint64_t* id, const char** address) {
  raft_id leader = 0;
  raft_leader(&c->raft, &leader, address);
  *id = leader;
  if (leader == 0 || *address == NULL) *address = "";
}

core_servers core_configuration(core* c) {
  const struct raft_configuration* from = &c->raft.configuration;
  c->servers = grow(c->servers, &c->server_room, from->n, sizeof *c->servers);
  for (unsigned i = 0; i < from->n; i++) {
    const struct raft_server* server = &from->servers[i];
    c->servers[i].id = server->id;
    c->servers[i].address = server->address;
    c->servers[i].role = server->role == RAFT_VOTER   ? CORE_VOTER
                         : server->role == RAFT_SPARE ? CORE_SPARE
                                                      : CORE_STANDBY;
  }
  core_servers out = {c->servers, from->n, c->raft.configuration_uncommitted_index};
  if (out.index == 0) out.index = c->raft.configuration_committed_index;
  return out;
}

void* core_encode(const core_servers* servers, size_t* size) {
  struct raft_configuration configuration;
  struct raft_buffer buffer;
  if (build(&configuration, servers) != 0) return NULL;
  int error = raft_configuration_encode(&configuration, &buffer);
  raft_configuration_close(&configuration);
  if (error != 0) return NULL;
  *size = buffer.len;
  return buffer.base;
}

void core_free_bytes(void* bytes) { raft_free(bytes); }

// The library's decoder trusts the lengths in the bytes.
static bool whole_configuration(const unsigned char* at, size_t size) {
  uint64_t count = 0;
  if (size < 9) return false;
  for (int i = 8; i > 0; i--) count = count << 8 | at[i];
  for (at += 9, size -= 9; count > 0; count--) {
    if (size < 8) return false;
    const unsigned char* end = memchr(at + 8, 0, size - 8);
    if (end == NULL || end + 2 > at + size) return false;
    size -= (size_t)(end + 2 - at);
    at = end + 2;
  }
  return true;
}

bool core_decode(const void* bytes, size_t size, void (*take)(void* to, const core_server* server),
                 void* to) {
  const struct raft_buffer buffer = {(void*)bytes, size};
  struct raft_configuration configuration;
  if (!whole_configuration(bytes, size)) return false;
  if (raft_configuration_decode(&buffer, &configuration) != 0) return false;
  for (unsigned i = 0; i < configuration.n; i++) {
    const struct raft_server* from = &configuration.servers[i];
    core_server server = {from->id, from->address,
                          from->role == RAFT_VOTER   ? CORE_VOTER
                          : from->role == RAFT_SPARE ? CORE_SPARE
                                                     : CORE_STANDBY};
    take(to, &server);
  }
  raft_configuration_close(&configuration);
  return true;
}
