#include "log/wal_file_system.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "log/wal_tail.h"

namespace lode::log {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// Large appends are bound by their own bytes: writing them twice would cost more than the journal.
constexpr size_t kSmallAppendBytes = 8 * 1024;
constexpr size_t kZerosAheadBytes = 256 * 1024;

bool is_wal(const std::string& path) { return path.ends_with(".log"); }

uint64_t number_of(const std::string& name) { return std::strtoull(name.c_str(), nullptr, 10); }

class WalWriter final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WalWriter(std::unique_ptr<rocksdb::FSWritableFile> file, std::unique_ptr<rocksdb::FSRandomRWFile> zeros)
      : FSWritableFileOwnerWrapper(std::move(file)), zeros_(std::move(zeros)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    IOStatus status = reserve(data.size(), options, context);
    if (status.ok()) status = FSWritableFileOwnerWrapper::Append(data, options, context);
    end_ += data.size();
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }

 private:
  IOStatus reserve(size_t bytes, const IOOptions& options, IODebugContext* context) {
    if (bytes > kSmallAppendBytes || end_ + bytes <= zeros_end_) return IOStatus::OK();
    static const std::string zeros(kZerosAheadBytes, '\0');
    zeros_end_ = end_ + zeros.size();
    return zeros_->Write(end_, zeros, options, context);
  }

  const std::unique_ptr<rocksdb::FSRandomRWFile> zeros_;  // the same file
  uint64_t end_ = 0, zeros_end_ = 0;
};

class WalReader final : public rocksdb::FSSequentialFile {
 public:
  explicit WalReader(std::string bytes) : bytes_(std::move(bytes)) {}

  IOStatus Read(size_t n, const IOOptions&, Slice* result, char* scratch, IODebugContext*) override {
    n = std::min(n, bytes_.size() - at_);
    std::memcpy(scratch, bytes_.data() + at_, n);
    *result = Slice(scratch, n);
    at_ += n;
    return IOStatus::OK();
  }
  IOStatus Skip(uint64_t n) override {
    at_ += std::min<uint64_t>(n, bytes_.size() - at_);
    return IOStatus::OK();
  }

 private:
  const std::string bytes_;
  size_t at_ = 0;
};

class WalFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "LodeWalFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* context) override {
    IOStatus status = target()->NewWritableFile(path, options, result, context);
    if (!status.ok() || !is_wal(path)) return status;
    std::unique_ptr<rocksdb::FSRandomRWFile> zeros;
    status = target()->NewRandomRWFile(path, options, &zeros, context);
    if (status.ok()) *result = std::make_unique<WalWriter>(std::move(*result), std::move(zeros));
    return status;
  }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext* context) override {
    IOStatus status = target()->NewSequentialFile(path, options, result, context);
    if (!status.ok() || !is_wal(path)) return status;
    std::string bytes;
    status = read_all(**result, options.io_options, bytes, context);
    if (!status.ok()) return status;
    const WalTail tail = find_wal_tail(bytes);
    if (tail.kind == WalTail::Kind::damaged ||
        (tail.kind == WalTail::Kind::cut && has_successor(path, context))) {
      return IOStatus::Corruption(
          path, "broken after byte " + std::to_string(tail.whole_bytes) + ", with whole writes behind it");
    }
    bytes.resize(tail.whole_bytes);
    *result = std::make_unique<WalReader>(std::move(bytes));
    return status;
  }

 private:
  static IOStatus read_all(rocksdb::FSSequentialFile& file, const IOOptions& options, std::string& bytes,
                           IODebugContext* context) {
    std::vector<char> scratch(1 << 20);
    while (true) {
      Slice part;
      const IOStatus status = file.Read(scratch.size(), options, &part, scratch.data(), context);
      if (!status.ok() || part.empty()) return status;
      bytes.append(part.data(), part.size());
    }
  }

  // Whether a newer file holds a write: then all writes to this one were finished.
  bool has_successor(const std::string& path, IODebugContext* context) {
    const std::string folder = path.substr(0, path.rfind('/'));
    const uint64_t number = number_of(path.substr(folder.size() + 1));
    std::vector<std::string> names;
    target()->GetChildren(folder, IOOptions(), &names, context).PermitUncheckedError();
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      if (!is_wal(name) || number_of(name) <= number) return false;
      std::unique_ptr<rocksdb::FSSequentialFile> file;
      std::string bytes;
      return target()->NewSequentialFile(folder + "/" + name, FileOptions(), &file, context).ok() &&
             read_all(*file, IOOptions(), bytes, context).ok() && find_wal_tail(bytes).whole_bytes > 0;
    });
  }
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> make_wal_file_system(std::shared_ptr<rocksdb::FileSystem> base) {
  return std::make_shared<WalFileSystem>(std::move(base));
}

}  // namespace lode::log
