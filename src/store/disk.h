// Where checkpointed state lies: sorted families of keys and values that change only by whole, atomic
// ingestions. Two implementations that one conformance suite holds together: RocksDbDisk (rocksdb_disk.h),
// MemoryDisk (memory_disk.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "store/checkpoint.h"

namespace lode::store {

// Every disk has this family besides the declared ones. It holds what is known of the state as a whole.
inline constexpr std::string_view kMetaFamily = "meta";

class WriteFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Associative: merge(merge(a, b), c) == merge(a, merge(b, c)). An empty result means that nothing is left:
// the key is then as good as absent (get and iterate skip it, compaction drops it). Never called with an
// empty argument. May throw Damaged (bytes.h).
using MergeFunction = std::string (*)(std::string_view older, std::string_view newer);

struct Family {
  std::string name;               // stable: it names the column family on disk
  MergeFunction merge = nullptr;  // null: the newest put wins
  bool hashed = false;            // keys are hashes: nothing compresses, and few are ever read
};

// Ascending by key, unsigned bytes. Not thread-safe; keeps its snapshot alive.
class Iterator {
 public:
  virtual ~Iterator() = default;
  virtual bool valid() const = 0;
  virtual void next() = 0;
  virtual void seek(std::string_view key) = 0;  // first key at or after
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
};

// The state exactly at one checkpoint. Any thread; cheap to keep for seconds, dear for hours. What can't be
// read or was not declared throws Damaged.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  virtual bool get(std::string_view family, std::string_view key, std::string& value) const = 0;
  // Keys in [lower, upper); an empty upper has no bound. Positioned on the first. A walk over a whole family
  // (both bounds empty) leaves the block cache alone.
  virtual std::unique_ptr<Iterator> iterate(std::string_view family, std::string_view lower,
                                            std::string_view upper) const = 0;
};

// One atomic change of many families. Each family once: begin(), then keys strictly ascending; breaking that
// throws std::logic_error. One thread.
class Ingestion {
 public:
  virtual ~Ingestion() = default;  // without commit(): nothing happened, files are removed
  virtual void begin(std::string_view family) = 0;
  virtual void put(std::string_view key, std::string_view value) = 0;
  virtual void merge(std::string_view key, std::string_view operand) = 0;
  virtual void remove(std::string_view key) = 0;
  virtual void
  commit() = 0;  // durable when it returns; throws WriteFailed, then nothing or all of it happened
};

class Disk {
 public:
  virtual ~Disk() = default;
  virtual std::shared_ptr<const Snapshot> snapshot() const = 0;  // any thread
  virtual std::unique_ptr<Ingestion> ingest() = 0;               // one at a time
  virtual uint64_t disk_bytes() const = 0;
  virtual void clear() = 0;  // drops everything, durably; before a rebuild
  // A second disk in `folder` that is as this one is now, all families at the checkpoint that it returns. Any
  // thread, beside ingestions. `folder` must not exist; its parent must, on the same file system. Throws
  // WriteFailed, then nothing is left of it; Damaged when a read has met damage.
  virtual Checkpoint copy_to(const std::filesystem::path& folder) const = 0;
  // Merges the files of each family into one run, so that what was overwritten or removed takes no room. Any
  // thread, beside ingestions. `begin` is asked before each: its files have so many bytes, and may take as
  // many again until they are merged; false leaves it as it is. Ends soon after `stop` is true, between two
  // steps. Throws WriteFailed.
  using BeginMerge = std::function<bool(std::string_view family, uint64_t bytes)>;
  virtual void compact(const BeginMerge& begin, std::atomic<bool>& stop) = 0;
};

}  // namespace lode::store
