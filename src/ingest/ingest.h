// Admission: takes decoded events, bounds what waits, makes record batches of whatever waits together (group
// commit: many requests, one log entry, one fsync), and answers each item once it is committed and, unless
// told otherwise, applied.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "env/clock.h"
#include "event/event.h"
#include "store/hash_index.h"

namespace lode::log {
class Log;
}
namespace lode::materialize {
class Current;
}
namespace lode::raft {
class Listener;
class Replica;
enum class Proposed;
}  // namespace lode::raft

namespace lode::ingest {

enum class Ack : uint8_t { committed, applied };

// What became of one item. `duplicate` and `event_id_conflict` carry the first record's offset.
struct ItemResult {
  enum class Status : uint8_t { accepted, duplicate, rejected, quarantined };
  uint32_t index = 0;
  Status status = Status::accepted;
  int64_t offset = -1;     // -1: none (rejected)
  event::Problem problem;  // rejected: what is wrong; quarantined: code is the rule
};

struct WriteResult {
  uint32_t accepted = 0, duplicates = 0, rejected = 0;  // quarantined items count as accepted
  int64_t first_offset = -1, last_offset = -1;          // of what was accepted; -1: nothing was
  std::vector<ItemResult>
      results;  // ascending by index; all items if asked for, else those not plainly accepted
};

// The whole request was refused before any item was proposed, or its outcome is not known.
struct Refusal {
  // 429 queue_full; 503 not_ready | no_leader | outcome_unknown | stopping; 507 disk_full
  int status = 429;
  event::Problem problem;
  uint32_t retry_after_seconds = 0;
};

struct Request {
  event::EventBatch batch;
  Ack ack = Ack::applied;
  bool all_results = false;
};

struct Answer {
  std::optional<Refusal> refusal;
  WriteResult result;  // when not refused
};

// What may wait. May change at any time.
struct Bounds {
  uint64_t queue_bytes = 64ull << 20;  // events waiting or in flight; past it 429
  uint32_t queue_events = 200'000;
  uint64_t reserved_disk_bytes = 256ull << 20;  // less free space than this: 507
};

struct Settings {
  Bounds bounds;
  uint32_t entry_events = 1'000;  // of one log entry
  uint32_t entry_bytes = 512 * 1024;
  int zstd_level = 1;
  uint32_t outcome_ms = 5000;  // from the request until it is no_leader or outcome_unknown
};

struct Statistics {
  uint64_t accepted = 0, duplicates = 0, rejected = 0, quarantined = 0, refused = 0;
  uint64_t entries = 0, commits = 0;  // commits: proposals of entries; as the only voter, fsyncs
  uint64_t waiting_events = 0, waiting_bytes = 0;
  int64_t oldest_unapplied_micros =
      0;  // receive time of the first committed entry not applied yet; 0: none waits
};

class Forwarder;

class Ingest {
 public:
  Ingest(Settings settings, log::Log& log, materialize::Current& current, const store::Hasher& hasher,
         const env::Clock& clock, std::string data_dir);
  ~Ingest();

  // What the group's replica tells: its committed entries are applied, those of other nodes and of the log's
  // past among them.
  raft::Listener& listener();
  // Until then every request is refused with 503 `not_ready`: the log is being replayed.
  // `forwarder`: the road to a leader elsewhere; null in a group of one. Both outlive stop().
  void open(raft::Replica& replica, Forwarder* forwarder = nullptr);
  // Any thread. Batches carry this node's id from now on while its group has other members; 0: they don't
  // (feature level 1).
  void set_origin(uint64_t node);
  // Any thread. For requests from now on.
  void set_bounds(const Bounds& bounds);
  // Any thread. `done` is called exactly once: at once on the caller's thread when the request is refused or
  // has nothing to propose, else later on the apply thread, or another: it must be short (hand over to your
  // own thread).
  void submit(Request request, std::function<void(Answer)> done);
  // Any thread. Waits for a barrier that is proposed after the call: when it is applied, all that any node
  // acknowledged before the call is applied here, up to `offset` or further. Only where this node leads, else
  // 503 `no_leader`. `done` as of submit().
  void barrier(std::function<void(std::optional<Refusal>, int64_t offset)> done);
  // Any thread. What another node forwards to this one as the leader: encoded record batches, all or none.
  // `full` also for want of disk space; `not_leader` also for bytes that this program would not write into
  // its log. While this node is the only voter it writes to the disk before it returns.
  raft::Proposed propose_foreign(const std::vector<std::shared_ptr<const std::string>>& payloads);
  // Everything submitted so far is answered when it returns, at the latest after a second, and the replica is
  // stopped; what comes afterwards is refused with 503 `stopping`.
  void stop();
  Statistics statistics() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::ingest
