#include "raft/library.h"

#include <raft.h>
#include <stdlib.h>
#include <string.h>

#if RAFT_VERSION_NUMBER != 2201
#error "Written for cowsql/raft 0.22.1: later versions change who owns the memory that events pass."
#endif

struct library {
  struct raft raft;
  struct raft_update update;
  library_update result;
  struct raft_snapshot_metadata installing;  // between library_receive and library_installed
  library_message* messages;
  uint32_t message_room;
  library_server* servers;
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
      return LIBRARY_OK;
    case RAFT_NOTLEADER:
      return LIBRARY_NOT_LEADER;
    case RAFT_CANTCHANGE:
      return LIBRARY_CANT_CHANGE;
    case RAFT_BADID:
    case RAFT_NOTFOUND:
      return LIBRARY_BAD_SERVER;
    default:
      return LIBRARY_BROKEN;
  }
}

static int role_of(const struct raft_server* server) {
  switch (server->role) {
    case RAFT_VOTER:
      return LIBRARY_VOTER;
    case RAFT_SPARE:
      return LIBRARY_SPARE;
    default:
      return LIBRARY_STANDBY;
  }
}

static int build(struct raft_configuration* to, const library_servers* from) {
  raft_configuration_init(to);
  for (size_t i = 0; i < from->count; i++) {
    const library_server* server = &from->list[i];
    int role = server->role == LIBRARY_VOTER   ? RAFT_VOTER
               : server->role == LIBRARY_SPARE ? RAFT_SPARE
                                               : RAFT_STANDBY;
    int error = raft_configuration_add(to, server->id, server->address, role);
    if (error != 0) {
      raft_configuration_close(to);
      return error;
    }
  }
  return 0;
}

static int build_metadata(struct raft_snapshot_metadata* to, const library_snapshot* from) {
  to->index = from->index;
  to->term = from->term;
  to->configuration_index = from->servers.index;
  return build(&to->configuration, &from->servers);
}

// The library frees the batch of entries that it refuses, and no other: see receive_entries.
static struct raft_entry* build_entries(const library_entry* from, size_t count, void* batch) {
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

static void copy_message(library_message* to, const struct raft_message* from) {
  memset(to, 0, sizeof *to);
  to->peer = from->server_id;
  to->address = from->server_address;
  switch (from->type) {
    case RAFT_APPEND_ENTRIES:
      to->kind = LIBRARY_APPEND_ENTRIES;
      to->term = from->append_entries.term;
      to->index = from->append_entries.prev_log_index;
      to->index_term = from->append_entries.prev_log_term;
      to->commit = from->append_entries.leader_commit;
      to->entry_count = from->append_entries.n_entries;
      break;
    case RAFT_APPEND_ENTRIES_RESULT:
      to->kind = LIBRARY_APPEND_ENTRIES_RESULT;
      to->term = from->append_entries_result.term;
      to->rejected = from->append_entries_result.rejected;
      to->index = from->append_entries_result.last_log_index;
      to->features = from->append_entries_result.features;
      to->capacity = from->append_entries_result.capacity;
      break;
    case RAFT_REQUEST_VOTE:
      to->kind = LIBRARY_REQUEST_VOTE;
      to->term = from->request_vote.term;
      to->candidate = from->request_vote.candidate_id;
      to->index = from->request_vote.last_log_index;
      to->index_term = from->request_vote.last_log_term;
      to->disrupt_leader = from->request_vote.disrupt_leader;
      to->pre_vote = from->request_vote.pre_vote;
      break;
    case RAFT_REQUEST_VOTE_RESULT:
      to->kind = LIBRARY_REQUEST_VOTE_RESULT;
      to->term = from->request_vote_result.term;
      to->granted = from->request_vote_result.vote_granted;
      to->pre_vote = from->request_vote_result.pre_vote;
      to->features = from->request_vote_result.features;
      to->capacity = from->request_vote_result.capacity;
      break;
    case RAFT_INSTALL_SNAPSHOT:  // configuration and data are not filled in by the library
      to->kind = LIBRARY_INSTALL_SNAPSHOT;
      to->term = from->install_snapshot.term;
      to->index = from->install_snapshot.last_index;
      to->index_term = from->install_snapshot.last_term;
      break;
    case RAFT_TIMEOUT_NOW:
      to->kind = LIBRARY_TIMEOUT_NOW;
      to->term = from->timeout_now.term;
      to->index = from->timeout_now.last_log_index;
      to->index_term = from->timeout_now.last_log_term;
      break;
  }
}

static int step(library* self, struct raft_event* event) {
  memset(&self->result, 0, sizeof self->result);
  int error = raft_step(&self->raft, event, &self->update);
  if (error != 0) return error;
  const struct raft_update* update = &self->update;
  self->result.vote = (update->flags & (RAFT_UPDATE_CURRENT_TERM | RAFT_UPDATE_VOTED_FOR)) != 0;
  if (update->flags & RAFT_UPDATE_ENTRIES) {
    self->result.entry_index = update->entries.index;
    self->result.entry_count = update->entries.n;
    if (update->entries.batch == &self->raft.barrier) {  // the no-op of a new leader
      self->result.no_op = true;
      raft_free(self->raft.barrier.batch);
    }
  }
  self->result.snapshot = (update->flags & RAFT_UPDATE_SNAPSHOT) != 0;
  if (self->result.snapshot) self->installing = update->snapshot.metadata;
  if (update->flags & RAFT_UPDATE_MESSAGES) {
    size_t room = self->message_room;
    self->messages = grow(self->messages, &room, update->messages.n, sizeof *self->messages);
    self->message_room = (uint32_t)room;
    for (unsigned i = 0; i < update->messages.n; i++)
      copy_message(&self->messages[i], &update->messages.batch[i]);
    self->result.messages = self->messages;
    self->result.message_count = update->messages.n;
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

library* library_new(const library_settings* settings) {
  library* self = calloc(1, sizeof *self);
  if (self == NULL) abort();
  if (raft_init(&self->raft, NULL, NULL, settings->id, settings->address) != 0) abort();
  self->raft.tracer = NULL;  // it formats every step's story into one static buffer, wanted or not
  raft_seed(&self->raft, settings->seed);
  raft_set_pre_vote(&self->raft, true);
  raft_set_election_timeout(&self->raft, settings->election_ms);
  raft_set_heartbeat_timeout(&self->raft, settings->heartbeat_ms);
  raft_set_install_snapshot_timeout(&self->raft, settings->snapshot_ms);
  raft_set_max_inflight_entries(&self->raft, settings->inflight_entries);
  return self;
}

void library_free(library* self) {
  if (self == NULL) return;
  if (self->result.snapshot) raft_configuration_close(&self->installing.configuration);
  raft_close(&self->raft, NULL);
  free(self->messages);
  free(self->servers);
  free(self);
}

const char* library_error_text(library* self) { return raft_errmsg(&self->raft); }

int library_start(library* self, uint64_t now, uint64_t term, uint64_t vote, const library_snapshot* snapshot,
                  uint64_t first, const library_entry* entries, size_t count) {
  struct raft_snapshot_metadata metadata;
  struct raft_event event = event_at(now, RAFT_START);
  if (snapshot != NULL) {
    if (build_metadata(&metadata, snapshot) != 0) return LIBRARY_BROKEN;
    event.start.metadata = &metadata;
  }
  void* batch = raft_malloc(1);
  struct raft_entry* list = build_entries(entries, count, batch);
  event.start.term = term;
  event.start.voted_for = vote;
  event.start.start_index = first;
  event.start.entries = list;
  event.start.n_entries = (unsigned)count;
  int error = step(self, &event);
  if (error == 0) raft_free(batch);
  free(list);
  return code_of(error);
}

// The batch is one byte that stands for the memory of all entries: the library frees it unless it takes them.
static int receive_entries(library* self, struct raft_event* event, const library_message* from) {
  struct raft_append_entries* to = &event->receive.message->append_entries;
  void* batch = from->entry_count == 0 ? NULL : raft_malloc(1);
  struct raft_entry* list = build_entries(from->entries, from->entry_count, batch);
  const bool stale = from->term < self->raft.current_term;
  to->term = from->term;
  to->prev_log_index = from->index;
  to->prev_log_term = from->index_term;
  to->leader_commit = from->commit;
  to->entries = list;
  to->n_entries = from->entry_count;
  int error = step(self, event);
  if (error == 0 && self->result.entry_index != 0) raft_free(batch);
  free(list);
  // 0.22.1 answers a stale term with a last index that was never set. Who sent the stale message may have
  // become leader of our term since, and would count it as a match.
  for (uint32_t i = 0; stale && i < self->result.message_count; i++) self->messages[i].index = 0;
  return error;
}

static int receive_snapshot(library* self, struct raft_event* event, const library_message* from) {
  struct raft_install_snapshot* to = &event->receive.message->install_snapshot;
  const bool stale = from->term < self->raft.current_term;
  to->term = from->term;
  to->last_index = from->index;
  to->last_term = from->index_term;
  to->conf_index = from->servers.index;
  int error = build(&to->conf, &from->servers);
  if (error != 0) return error;
  error = step(self, event);
  for (uint32_t i = 0; stale && i < self->result.message_count; i++) self->messages[i].index = 0;
  return error;
}

// 0.22.1 does not let a node vote that is a standby in its own log, and lets it take a leader for alive until
// it is told otherwise. But the candidate's log may make it a voter whose vote is needed, and it hears of
// that only from a leader: nobody would ever lead again. Raft votes without a look at its own configuration;
// so does this.
static int vote(library* self, struct raft_event* event) {
  struct raft_server* own = NULL;
  for (unsigned i = 0; i < self->raft.configuration.n; i++) {
    struct raft_server* server = &self->raft.configuration.servers[i];
    if (server->id == self->raft.id && server->role != RAFT_VOTER) own = server;
  }
  if (own == NULL) return step(self, event);
  const bool quiet = event->time - self->leader_seen >= self->raft.election_timeout;
  if (raft_state(&self->raft) == RAFT_FOLLOWER && quiet) self->raft.follower_state.current_leader.id = 0;
  const int role = own->role;
  own->role = RAFT_VOTER;
  int error = step(self, event);
  own->role = role;
  return error;
}

static int receive_vote_request(library* self, struct raft_event* event, const library_message* from) {
  int error = vote(self, event);
  // 0.22.1 refuses a pre-vote for an old term without a word of the newer one. With the longest log in the
  // oldest term, that node could neither win nor learn: nobody would lead.
  for (uint32_t i = 0; from->pre_vote && i < self->result.message_count; i++) {
    if (self->messages[i].term < self->raft.current_term) self->messages[i].term = self->raft.current_term;
  }
  return error;
}

int library_receive(library* self, uint64_t now, const library_message* from) {
  struct raft_message message;
  struct raft_event event = event_at(now, RAFT_RECEIVE);
  memset(&message, 0, sizeof message);
  memset(&self->result, 0, sizeof self->result);
  event.receive.message = &message;
  message.server_id = from->peer;
  message.server_address = from->address;
  const bool leads = from->kind == LIBRARY_APPEND_ENTRIES || from->kind == LIBRARY_INSTALL_SNAPSHOT;
  if (leads && from->term >= self->raft.current_term) self->leader_seen = now;
  switch (from->kind) {
    case LIBRARY_APPEND_ENTRIES:
      message.type = RAFT_APPEND_ENTRIES;
      return code_of(receive_entries(self, &event, from));
    case LIBRARY_APPEND_ENTRIES_RESULT:
      message.type = RAFT_APPEND_ENTRIES_RESULT;
      message.append_entries_result.term = from->term;
      message.append_entries_result.rejected = from->rejected;
      message.append_entries_result.last_log_index = from->index;
      message.append_entries_result.features = from->features;
      message.append_entries_result.capacity = from->capacity;
      // Of a newer term, it ends this one, whatever it refuses: else who stood for that term, in vain, would
      // refuse this leader's entries for ever.
      if (from->rejected != 0 && from->term <= self->raft.current_term) {
        // An old refusal, late or doubled: 0.22.1 would send from below what the peer is known to have, take
        // the difference for entries under way without end, and never send it an entry again.
        const uint64_t match = library_match(self, from->peer);
        if (from->rejected <= match) return LIBRARY_OK;
        if (from->index < match) message.append_entries_result.last_log_index = match;
      }
      break;
    case LIBRARY_REQUEST_VOTE:
      message.type = RAFT_REQUEST_VOTE;
      message.request_vote.version = 2;
      message.request_vote.term = from->term;
      message.request_vote.candidate_id = from->candidate;
      message.request_vote.last_log_index = from->index;
      message.request_vote.last_log_term = from->index_term;
      message.request_vote.disrupt_leader = from->disrupt_leader;
      message.request_vote.pre_vote = from->pre_vote;
      return code_of(receive_vote_request(self, &event, from));
    case LIBRARY_REQUEST_VOTE_RESULT:
      // 0.22.1 reads candidate fields before it looks whether it is candidate.
      if (raft_state(&self->raft) != RAFT_CANDIDATE) return LIBRARY_OK;
      message.type = RAFT_REQUEST_VOTE_RESULT;
      message.request_vote_result.version = 2;
      message.request_vote_result.term = from->term;
      message.request_vote_result.vote_granted = from->granted;
      message.request_vote_result.pre_vote = from->pre_vote;
      message.request_vote_result.features = from->features;
      message.request_vote_result.capacity = from->capacity;
      break;
    case LIBRARY_INSTALL_SNAPSHOT:
      message.type = RAFT_INSTALL_SNAPSHOT;
      return code_of(receive_snapshot(self, &event, from));
    case LIBRARY_TIMEOUT_NOW:
      message.type = RAFT_TIMEOUT_NOW;
      message.timeout_now.term = from->term;
      message.timeout_now.last_log_index = from->index;
      message.timeout_now.last_log_term = from->index_term;
      break;
  }
  return code_of(step(self, &event));
}

int library_submit(library* self, uint64_t now, const library_entry* entries, uint32_t count) {
  static char batch;  // never freed by the library on this road; it only must be there
  struct raft_entry* list = build_entries(entries, count, &batch);
  struct raft_event event = event_at(now, RAFT_SUBMIT);
  event.submit.entries = list;
  event.submit.n = count;
  int error = step(self, &event);
  free(list);
  return code_of(error);
}

int library_persisted(library* self, uint64_t now, uint64_t index) {
  struct raft_event event = event_at(now, RAFT_PERSISTED_ENTRIES);
  event.persisted_entries.index = index;
  return code_of(step(self, &event));
}

int library_installed(library* self, uint64_t now) {
  struct raft_event event = event_at(now, RAFT_PERSISTED_SNAPSHOT);
  event.persisted_snapshot.metadata = self->installing;
  event.persisted_snapshot.last = true;
  return code_of(step(self, &event));
}

int library_configured(library* self, uint64_t now, const library_servers* servers) {
  struct raft_event event = event_at(now, RAFT_CONFIGURATION);
  event.configuration.index = servers->index;
  int error = build(&event.configuration.conf, servers);
  return code_of(error != 0 ? error : step(self, &event));
}

int library_floor(library* self, uint64_t now, const library_snapshot* snapshot) {
  struct raft_event event = event_at(now, RAFT_SNAPSHOT);
  int error = build_metadata(&event.snapshot.metadata, snapshot);
  return code_of(error != 0 ? error : step(self, &event));
}

int library_timeout(library* self, uint64_t now) {
  struct raft_event event = event_at(now, RAFT_TIMEOUT);
  return code_of(step(self, &event));
}

int library_transfer(library* self, uint64_t now, uint64_t target) {
  struct raft_event event = event_at(now, RAFT_TRANSFER);
  event.transfer.server_id = target;
  return code_of(step(self, &event));
}

const library_update* library_result_of(const library* self) { return &self->result; }

enum library_state library_state_of(const library* self) {
  switch (self->raft.state) {
    case RAFT_LEADER:
      return LIBRARY_LEADER;
    case RAFT_CANDIDATE:
      return LIBRARY_CANDIDATE;
    default:
      return LIBRARY_FOLLOWER;
  }
}

uint64_t library_term(const library* self) { return raft_current_term(&self->raft); }
uint64_t library_vote(const library* self) { return raft_voted_for(&self->raft); }
uint64_t library_commit(const library* self) { return raft_commit_index(&self->raft); }
uint64_t library_last_index(const library* self) { return raft_last_index((struct raft*)&self->raft); }

uint64_t library_term_of(const library* self, uint64_t index) {
  const struct raft_trail* trail = &self->raft.trail;
  if (index == 0) return 0;
  if (index == trail->snapshot.index) return trail->snapshot.term;
  if (index <= trail->offset || trail->size == 0) return 0;
  for (unsigned i = trail->front; i != trail->back; i = (i + 1) % trail->size) {
    if (index <= trail->records[i].index) return trail->records[i].term;
  }
  return 0;
}

uint64_t library_timeout_at(const library* self) { return raft_timeout(&self->raft); }

uint64_t library_match(const library* self, uint64_t id) {
  raft_index index = 0;
  return raft_match_index(&self->raft, id, &index) == 0 ? index : 0;
}

uint64_t library_transferee(const library* self) { return raft_transferee(&self->raft); }
uint64_t library_uncommitted_change(const library* self) {
  return self->raft.configuration_uncommitted_index;
}

bool library_alone(const library* self) { return self->raft.configuration.n <= 1; }

bool library_sole_voter(const library* self) {
  const struct raft_configuration* servers = &self->raft.configuration;
  bool own = false;
  for (unsigned i = 0; i < servers->n; i++) {
    if (servers->servers[i].role != RAFT_VOTER) continue;
    if (servers->servers[i].id != self->raft.id) return false;
    own = true;
  }
  return own;
}

void library_leader(library* self, uint64_t* id, const char** address) {
  raft_id leader = 0;
  raft_leader(&self->raft, &leader, address);
  *id = leader;
  if (leader == 0 || *address == NULL) *address = "";
}

library_servers library_configuration(library* self) {
  const struct raft_configuration* from = &self->raft.configuration;
  self->servers = grow(self->servers, &self->server_room, from->n, sizeof *self->servers);
  for (unsigned i = 0; i < from->n; i++) {
    const struct raft_server* server = &from->servers[i];
    self->servers[i].id = server->id;
    self->servers[i].address = server->address;
    self->servers[i].role = role_of(server);
  }
  library_servers out = {self->servers, from->n, self->raft.configuration_uncommitted_index};
  if (out.index == 0) out.index = self->raft.configuration_committed_index;
  return out;
}

void* library_encode(const library_servers* servers, size_t* size) {
  struct raft_configuration configuration;
  struct raft_buffer buffer;
  if (build(&configuration, servers) != 0) return NULL;
  int error = raft_configuration_encode(&configuration, &buffer);
  raft_configuration_close(&configuration);
  if (error != 0) return NULL;
  *size = buffer.len;
  return buffer.base;
}

void library_free_bytes(void* bytes) { raft_free(bytes); }

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

bool library_decode(const void* bytes, size_t size, void (*take)(void* to, const library_server* server),
                    void* to) {
  const struct raft_buffer buffer = {(void*)bytes, size};
  struct raft_configuration configuration;
  if (!whole_configuration(bytes, size)) return false;
  if (raft_configuration_decode(&buffer, &configuration) != 0) return false;
  for (unsigned i = 0; i < configuration.n; i++) {
    const struct raft_server* from = &configuration.servers[i];
    library_server server = {from->id, from->address, role_of(from)};
    take(to, &server);
  }
  raft_configuration_close(&configuration);
  return true;
}
