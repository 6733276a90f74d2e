// Materialized state: everything that is derived from the log. It is made of parts (an index, a table, gold),
// and all of them move together: what changed since the last checkpoint is in memory (the active epoch); at
// the end of an epoch it is frozen, written in the background as sorted files, and ingested into the disk in
// one atomic step with the checkpoint. There is no write-ahead log: the log is one. After a kill the disk is
// exactly at its checkpoint, for every part, and apply goes on from there.
//
// Threads: the apply thread alone changes parts, holding mutex() exclusively; readers hold it shared while
// they look at a part's memory. The flush thread is the State's own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "store/checkpoint.h"
#include "store/disk.h"

namespace lode::store {

// One kind of state. A part reads as: active over frozen over the disk's snapshot.
class Part {
 public:
  virtual ~Part() = default;
  virtual std::vector<Family> families() const = 0;
  // At open, before any other call: builds what must be in memory (nothing, for most).
  // After State::clear() once more: what was in memory is dropped.
  virtual void load(std::shared_ptr<const Snapshot> snapshot) = 0;
  // The active epoch becomes the frozen one, an empty one begins. Apply thread, mutex held exclusively.
  virtual void freeze() = 0;
  // Writes the frozen epoch: each family once, keys ascending. Flush thread, without the mutex. A family
  // without changes is not begun.
  virtual void write_frozen(Ingestion& ingestion) = 0;
  // The frozen epoch is in `snapshot` now: forget it and read from there. Mutex held exclusively.
  virtual void release_frozen(std::shared_ptr<const Snapshot> snapshot) = 0;
  // Of both epochs, approximately; what stays in memory for good (filters, the dictionary's numbers) does not
  // count.
  virtual uint64_t memory_bytes() const = 0;
};

// What a disk for these parts must be opened with.
std::vector<Family> families_of(const std::vector<Part*>& parts);

class State {
 public:
  // Loads the parts from the disk, which was opened with families_of(parts). They must outlive the State.
  // `report` is told trouble() when it begins and when it is over, on the flush thread.
  State(std::unique_ptr<Disk> disk, std::vector<Part*> parts,
        std::function<void(const std::string& trouble)> report = nullptr);
  ~State();  // waits for a running flush; does not flush what is active

  std::shared_mutex& mutex() const;
  // The checkpoint of what is on the disk; all zero for an empty one. Any thread, with or without the mutex.
  Checkpoint checkpoint() const;
  // What belongs to that checkpoint. Any thread; together with parts' memory under the mutex only.
  std::shared_ptr<const Snapshot> snapshot() const;

  // Ends the epoch at `checkpoint`: freezes all parts and has them written in the background. Waits while the
  // epoch before is still being written. Apply thread, mutex NOT held. Throws the failure of an earlier
  // flush: from then on nothing is written any more, and reads go on from memory and the disk's last
  // checkpoint.
  void end_epoch(const Checkpoint& checkpoint);
  // Why the epoch that ended can't be written (a full disk), "" when nothing is wrong. The flush tries again
  // every second; reads go on, and the next end_epoch() waits.
  std::string trouble() const;
  // From now on a failed write is a failure, not tried again: before the end of the process.
  void give_up();
  bool flushing() const;
  void wait_flushed();            // until no flush runs; throws its failure
  uint64_t memory_bytes() const;  // of all parts; any thread, mutex NOT held
  uint64_t disk_bytes() const;
  // Disk::copy_to(): what is on the disk now. Any thread, mutex NOT needed.
  Checkpoint copy_to(const std::filesystem::path& folder) const;
  // Disk::compact(). Any thread, mutex NOT held.
  void compact(const Disk::BeginMerge& begin, std::atomic<bool>& stop);
  // Drops everything on the disk and in memory (parts are loaded anew from an empty snapshot). Apply thread,
  // mutex NOT held.
  void clear();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::store
