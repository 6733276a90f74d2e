#include "fault_file_system.h"

#include <filesystem>
#include <fstream>
#include <random>

namespace lode::fault {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// Holds appends back until a sync (or the close, which makes them readable but not safe).
class FaultWritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultWritableFile(FaultFileSystem& system, std::shared_ptr<FaultFileSystem::File> file,
                    std::unique_ptr<rocksdb::FSWritableFile> target)
      : FSWritableFileOwnerWrapper(std::move(target)), system_(system), file_(std::move(file)) {}

  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    const IOStatus status = system_.next_operation();
    if (status.ok()) file_->unsynced.append(data.data(), data.size());
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Truncate(uint64_t, const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    IOStatus status = system_.next_operation();
    if (status.ok()) status = write_through(options, context);
    if (status.ok()) file_->synced += std::exchange(file_->unsynced, {}).size();
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return Sync(options, context);
  }
  IOStatus Close(const IOOptions& options, IODebugContext* context) override {
    IOStatus status = system_.next_operation();
    if (status.ok()) status = write_through(options, context);
    FSWritableFileOwnerWrapper::Close(options, context).PermitUncheckedError();
    return status;
  }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override {
    return file_->synced + file_->unsynced.size();
  }

 private:
  IOStatus write_through(const IOOptions& options, IODebugContext* context) {
    if (file_->unsynced.empty()) return IOStatus::OK();
    return FSWritableFileOwnerWrapper::Append(file_->unsynced, options, context);
  }

  FaultFileSystem& system_;
  const std::shared_ptr<FaultFileSystem::File> file_;
};

class FaultRandomRWFile final : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  FaultRandomRWFile(FaultFileSystem& system, std::unique_ptr<rocksdb::FSRandomRWFile> target)
      : FSRandomRWFileOwnerWrapper(std::move(target)), system_(system) {}
  IOStatus Write(uint64_t offset, const Slice& data, const IOOptions& options,
                 IODebugContext* context) override {
    const IOStatus status = system_.next_operation();
    return status.ok() ? FSRandomRWFileOwnerWrapper::Write(offset, data, options, context) : status;
  }

 private:
  FaultFileSystem& system_;
};

void FaultFileSystem::fail_at(uint64_t operation, Failure failure) {
  std::lock_guard lock(mutex_);
  fail_at_ = operation;
  failure_ = failure;
}

uint64_t FaultFileSystem::operations() const {
  std::lock_guard lock(mutex_);
  return operations_;
}

IOStatus FaultFileSystem::next_operation() {
  std::lock_guard lock(mutex_);
  const uint64_t number = operations_++;
  const bool fails = failure_ == Failure::once ? number == fail_at_ : number >= fail_at_;
  return fails ? IOStatus::IOError("injected failure") : IOStatus::OK();
}

IOStatus FaultFileSystem::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSWritableFile>* result,
                                          IODebugContext* context) {
  IOStatus status = next_operation();
  if (status.ok()) status = target()->NewWritableFile(path, options, result, context);
  if (!status.ok()) return status;
  auto file = std::make_shared<File>();
  {
    std::lock_guard lock(mutex_);
    files_[path] = file;
  }
  *result = std::make_unique<FaultWritableFile>(*this, std::move(file), std::move(*result));
  return status;
}

IOStatus FaultFileSystem::NewRandomRWFile(const std::string& path, const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSRandomRWFile>* result,
                                          IODebugContext* context) {
  IOStatus status = next_operation();
  if (status.ok()) status = target()->NewRandomRWFile(path, options, result, context);
  if (status.ok()) *result = std::make_unique<FaultRandomRWFile>(*this, std::move(*result));
  return status;
}

IOStatus FaultFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                     IODebugContext* context) {
  IOStatus status = next_operation();
  if (status.ok()) status = target()->RenameFile(from, to, options, context);
  if (!status.ok()) return status;
  std::lock_guard lock(mutex_);
  files_.erase(to);
  if (auto node = files_.extract(from)) {
    node.key() = to;
    files_.insert(std::move(node));
  }
  return status;
}

IOStatus FaultFileSystem::DeleteFile(const std::string& path, const IOOptions& options,
                                     IODebugContext* context) {
  IOStatus status = next_operation();
  if (status.ok()) status = target()->DeleteFile(path, options, context);
  if (!status.ok()) return status;
  std::lock_guard lock(mutex_);
  files_.erase(path);
  return status;
}

void FaultFileSystem::lose_power(uint32_t seed) {
  std::lock_guard lock(mutex_);
  std::mt19937 random(seed);
  for (const auto& [path, file] : files_) {
    if (file->unsynced.empty()) continue;
    const bool wal = path.ends_with(".log");
    const uint64_t size = std::filesystem::file_size(path);
    // What a close wrote behind the synced bytes goes; zeros that were kept ahead may stay.
    if (!wal || size == file->synced + file->unsynced.size())
      std::filesystem::resize_file(path, file->synced);
    if (seed == 0) continue;
    std::fstream disk(path, std::ios::binary | std::ios::in | std::ios::out);
    const std::string_view lost = file->unsynced;
    if (!wal) {
      disk.seekp(static_cast<std::streamoff>(file->synced));
      disk << lost.substr(0, random() % (lost.size() + 1));
      continue;
    }
    for (size_t at = 0; at < lost.size();) {
      const size_t sector = 512 - (file->synced + at) % 512;
      if (random() % 2) {
        disk.seekp(static_cast<std::streamoff>(file->synced + at));
        disk << lost.substr(at, sector);
      }
      at += sector;
    }
  }
  files_.clear();
  fail_at_ = UINT64_MAX;
}

}  // namespace lode::fault
