// The log: entries of one or more groups on stable storage, dense by index. Two implementations that one
// conformance suite holds together: RocksDbLog (rocksdb_log.h) and MemoryLog (memory_log.h).
//
// Promises: append() returns only when the entries are on stable storage (fsync); what it returned for is
// there after kill -9 and power loss. A write that fails throws WriteFailed, and the caller must end the
// process: whether the entries are on the disk is then unknown. Threads: one appender at a time, beside whom
// a prefix of what is there may be dropped; readers on any thread, at any time, see what append() returned
// for.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "record/types.h"

namespace lode::log {

enum class EntryType : uint8_t { batch = 1, no_op = 2, change = 3, barrier = 4, control = 5 };

struct Entry {
  record::EntryIndex index;
  record::Term term;
  EntryType type = EntryType::batch;
  std::string_view payload;  // a record batch's bytes, or a control's; owned by the caller
};

struct StoredEntry {
  record::EntryIndex index;
  record::Term term;
  EntryType type = EntryType::batch;
  std::string payload;
};

// An entry without its payload.
struct EntryHead {
  record::EntryIndex index;
  record::Term term;
  EntryType type = EntryType::batch;
};

// A chunk of old entries.
struct ArchivedChunk {
  uint64_t first = 0, last = 0;  // entries
  uint64_t bytes = 0;            // of the chunk
};

class WriteFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Log {
 public:
  virtual ~Log() = default;

  // Adds entries whose indexes continue last_index() and syncs once. An index at or below last_index()
  // truncates the suffix from there first, in the same atomic write (Raft's implicit truncation). Throws
  // std::logic_error, and takes nothing, when the indexes have a gap or start before first_index().
  virtual void append(record::GroupId group, std::span<const Entry> entries) = 0;

  virtual std::optional<StoredEntry> read(record::GroupId group, record::EntryIndex index) const = 0;
  // Entries from `from` on, in order, until `visit` says false or the end. Sequential reads: the road of
  // replay.
  virtual void scan(record::GroupId group, record::EntryIndex from,
                    const std::function<bool(const StoredEntry&)>& visit) const = 0;

  // The same without payloads, which are not touched: the road of a start.
  virtual void scan_headers(record::GroupId group, record::EntryIndex from,
                            const std::function<bool(const EntryHead&)>& visit) const = 0;

  virtual record::EntryIndex first_index(record::GroupId group) const = 0;  // 1 in a new log
  virtual record::EntryIndex last_index(record::GroupId group) const = 0;   // 0 in an empty log

  // Drops the entries before `first_kept`; synced. Beyond last_index() all go, and the log continues at
  // `first_kept` (a snapshot took their place). May take a while: it gives the disk back, too.
  virtual void truncate_prefix(record::GroupId group, record::EntryIndex first_kept) = 0;

  // Drops the entries from `from` on; synced. Not below first_index(): std::logic_error.
  virtual void truncate_suffix(record::GroupId group, record::EntryIndex from) = 0;

  // A chunk (chunk.h) takes the place of the entries that it holds: the oldest that are in none yet, or those
  // of chunks that are there. One step, synced; reads go on meanwhile, and give what the chunk has. Its
  // entries are final: append() and truncate_suffix() at or below last_archived() are std::logic_error, and
  // so is a chunk that leaves a gap or cuts another one in two. Any thread. Throws record::Corruption for
  // bytes that are no chunk.
  virtual void archive(record::GroupId group, std::string_view chunk) = 0;
  virtual record::EntryIndex last_archived(record::GroupId group) const = 0;   // 0: none
  virtual std::vector<ArchivedChunk> chunks(record::GroupId group) const = 0;  // ascending
  // Gives the disk back that entries had before they were archived; may take a while.
  virtual void reclaim(record::GroupId group) = 0;

  // Small durable facts beside the entries (term and vote, the cluster's secret). Synced.
  virtual void put_meta(std::string_view key, std::string_view value) = 0;
  virtual std::optional<std::string> get_meta(std::string_view key) const = 0;

  // Of the payloads that are there, of chunks as they are stored; and the last entry behind which payloads of
  // `kept_bytes` at least follow (0: there are not so many): dropping up to it leaves so much, and at most 1
  // MiB and one entry more. Known without reading them. What an earlier program appended is not counted.
  virtual uint64_t payload_bytes(record::GroupId group) const = 0;
  virtual record::EntryIndex last_beyond(record::GroupId group, uint64_t kept_bytes) const = 0;

  // Bytes on disk, approximately; 0 in memory.
  virtual uint64_t disk_bytes() const = 0;
};

}  // namespace lode::log
