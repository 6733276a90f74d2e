// A disk that fails at a chosen operation, and that forgets what was not synced when its power goes.
//
// The model: an append reaches the disk at its file's next sync; until then a power loss drops it, or leaves
// any of its 512-byte sectors (in write-ahead log files) or a beginning of it (in others). Making, renaming
// and deleting files takes effect at once. A failed operation changes nothing. Every operation that changes
// the disk counts, in all threads.
#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace lode::fault {

enum class Failure { once, from_then_on };

class FaultFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  FaultFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultFileSystem"; }

  // The operation with this number, from 0, fails; and all later ones, if told to.
  void fail_at(uint64_t operation, Failure failure);
  uint64_t operations() const;

  // To be called when nothing has the files open. `seed` chooses what is left of what was not synced; 0:
  // nothing.
  void lose_power(uint32_t seed);

  using IOStatus = rocksdb::IOStatus;
  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           rocksdb::IODebugContext* context) override;
  IOStatus NewRandomRWFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* result,
                           rocksdb::IODebugContext* context) override;
  IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                      rocksdb::IODebugContext* context) override;
  IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                      rocksdb::IODebugContext* context) override;

 private:
  friend class FaultWritableFile;
  friend class FaultRandomRWFile;

  struct File {
    uint64_t synced = 0;   // bytes that a power loss leaves
    std::string unsynced;  // what was appended behind them
  };

  IOStatus next_operation();

  mutable std::mutex mutex_;
  uint64_t operations_ = 0;
  uint64_t fail_at_ = UINT64_MAX;
  Failure failure_ = Failure::once;
  std::map<std::string, std::shared_ptr<File>> files_;
};

}  // namespace lode::fault
