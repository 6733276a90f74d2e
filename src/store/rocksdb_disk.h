// Disk in one RocksDB instance, a column family for each Family. It has no write-ahead log and its memtables
// stay empty: an ingestion is one sorted file for each family, written in small synced slices and then added
// to all families in one atomic step of RocksDB's manifest. Background work has low CPU priority and a
// bounded write rate, and begins with the first ingestion: a start has better things to do. Memory is bounded
// by the block cache.
//
// Opening throws Damaged for what is not ours or can't be read and UnknownFamily for a family that was not
// declared, and Damaged again once a read has met damage; declared ones that are missing are created, and
// what a killed ingestion left behind is removed.
#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <vector>

#include "store/checkpoint.h"
#include "store/disk.h"

namespace lode::store {

// The disk holds a family that nobody declared (of a view that is gone, say): remove() it and rebuild.
class UnknownFamily : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class RocksDbDisk final : public Disk {
 public:
  enum class Access : uint8_t { write, read };
  // To write it creates the folder where it is missing; one instance a folder, over all processes. To read it
  // changes nothing there, there may be several, and ingest(), clear() and copy_to() fail.
  RocksDbDisk(std::filesystem::path folder, const std::vector<Family>& families,
              Access access = Access::write);
  ~RocksDbDisk() override;  // snapshots and iterators may outlive it

  std::shared_ptr<const Snapshot> snapshot() const override;
  std::unique_ptr<Ingestion> ingest() override;
  uint64_t disk_bytes() const override;
  void clear() override;  // killed in the middle, the next opening finishes it

  // Hard links to its tables and a copy of the little rest: next to nothing, until a merge of files drops
  // tables that are then kept by the links alone.
  Checkpoint copy_to(const std::filesystem::path& folder) const override;
  void compact(const BeginMerge& begin, std::atomic<bool>& stop) override;

  // Copies a disk that is not open: hard links to its tables where the file system lets, and copies of the
  // rest. Throws std::filesystem::filesystem_error, then nothing is left of it.
  static void duplicate(const std::filesystem::path& from, const std::filesystem::path& to);

  // Reads every file and compares its checksums. Throws Damaged with the file's name. Any thread.
  void check_files() const;

  // The next opening of what lies in `folder`, open or not, throws Damaged.
  static void mark_damaged(const std::filesystem::path& folder, std::string_view why);
  // Deletes a disk that is not open.
  static void remove(const std::filesystem::path& folder);
  // The checkpoint of what lies in `folder`, all zero for an empty state, without changing anything there.
  // Not for a disk that is open to write. Throws Damaged when it can't be opened or read.
  static Checkpoint read_checkpoint(const std::filesystem::path& folder);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::store
