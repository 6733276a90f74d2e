#include "store/rocksdb_disk.h"

#include <fcntl.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/utilities/checkpoint.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <mutex>
#include <string>
#include <utility>

#include "store/bytes.h"
#include "store/rocksdb_columns.h"
#include "store/rocksdb_ingestion.h"

namespace lode::store {

namespace {

void check(const rocksdb::Status& status, std::string_view what) {
  if (!status.ok()) throw WriteFailed(std::string(what) + ": " + status.ToString());
}

// A file's bytes, or a folder's names, are on the disk when it returns.
void sync(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!synced) throw WriteFailed(path.string() + " can't be synced: " + std::strerror(error));
}

bool holds_tables(const std::filesystem::path& folder) {
  std::filesystem::directory_iterator files(folder);
  return std::any_of(begin(files), end(files),
                     [](const auto& file) { return file.path().extension() == ".sst"; });
}

std::vector<std::string> families_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  if (std::filesystem::exists(damage_mark(folder))) throw Damaged("the state was found damaged");
  if (!std::filesystem::exists(folder / "CURRENT")) {
    if (holds_tables(folder)) throw Damaged("the state can't be opened: its file CURRENT is missing");
    return {rocksdb::kDefaultColumnFamilyName};
  }
  rocksdb::Status status = rocksdb::DB::ListColumnFamilies({}, folder, &names);
  if (!status.ok()) throw Damaged("the state can't be opened: " + status.ToString());
  return names;
}

}  // namespace

struct RocksDbDisk::Impl {
  std::filesystem::path folder;
  std::vector<Family> families;  // meta is the last
  std::shared_ptr<rocksdb::Cache> cache = make_block_cache();
  mutable std::mutex mutex;
  std::shared_ptr<const Columns> columns;
  bool compacts = false;  // flush thread
  bool writes = true;

  std::filesystem::path ingest_folder() const { return folder / "ingest"; }

  std::shared_ptr<const Columns> current() const {
    std::lock_guard lock(mutex);
    return columns;
  }

  const Family* declared(std::string_view name) const {
    auto found =
        std::find_if(families.begin(), families.end(), [&](const Family& f) { return f.name == name; });
    return found == families.end() ? nullptr : &*found;
  }

  Column column_of(const Family& family) const {
    return {nullptr, family_options(family, cache), family.merge != nullptr};
  }

  void open(Columns& opened) {
    std::vector<std::string> names = families_in(folder);
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const std::string& name : names) {
      const Family* family = declared(name);
      if (!family && name != rocksdb::kDefaultColumnFamilyName) {
        throw UnknownFamily("the state in " + folder.string() + " holds \"" + name +
                            "\", which this configuration doesn't know: it has to be rebuilt from the log");
      }
      descriptors.emplace_back(name, family_options(family ? *family : Family{name}, cache));
      descriptors.back().options.disable_auto_compactions = true;  // until the first ingestion
    }
    rocksdb::DB* db = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::Status status =
        writes ? rocksdb::DB::Open(database_options(), folder, descriptors, &handles, &db)
               : rocksdb::DB::OpenForReadOnly(database_options(), folder, descriptors, &handles, &db);
    if (!status.ok()) throw Damaged("the state can't be opened: " + status.ToString());
    opened.db.reset(db);
    for (size_t i = 0; i < names.size(); ++i) {
      std::unique_ptr<rocksdb::ColumnFamilyHandle> handle(handles[i]);
      const Family* family = declared(names[i]);
      if (!family) continue;
      Column column = column_of(*family);
      column.handle = std::move(handle);
      opened.by_name.emplace(names[i], std::move(column));
    }
  }

  // Meta is created last and dropped first: a state without it is one whose creation or clearing was cut
  // short.
  void drop(const Columns& old) {
    for (auto family = families.rbegin(); family != families.rend(); ++family) {
      if (const Column* column = old.find(family->name)) {
        check(old.db->DropColumnFamily(column->handle.get()), "the state can't be cleared");
      }
    }
  }

  void start_compaction(const Columns& of) {
    if (compacts) return;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    for (const auto& [name, column] : of.by_name) handles.push_back(column.handle.get());
    check(of.db->EnableAutoCompaction(handles), "the state's files can't be merged");
    compacts = true;
  }

  void create_missing(Columns& into) {
    for (const Family& family : families) {
      if (into.find(family.name)) continue;
      Column column = column_of(family);
      rocksdb::ColumnFamilyHandle* handle = nullptr;
      check(into.db->CreateColumnFamily(column.options, family.name, &handle), "the state can't be created");
      column.handle.reset(handle);
      into.by_name.emplace(family.name, std::move(column));
    }
  }
};

RocksDbDisk::RocksDbDisk(std::filesystem::path folder, const std::vector<Family>& families, Access access)
    : impl_(std::make_unique<Impl>()) {
  impl_->folder = std::move(folder);
  impl_->families = families;
  impl_->families.push_back({std::string(kMetaFamily), nullptr});
  impl_->writes = access == Access::write;
  if (impl_->writes) std::filesystem::create_directories(impl_->folder);
  auto opened = std::make_shared<Columns>();
  impl_->open(*opened);
  if (!impl_->writes) {
    for (const Family& family : impl_->families)
      if (!opened->find(family.name))
        throw Damaged("the state in " + impl_->folder.string() + " is not whole");
    impl_->columns = std::move(opened);
    return;
  }
  if (!opened->find(kMetaFamily)) {
    impl_->drop(*opened);
    opened->by_name.clear();
  }
  impl_->create_missing(*opened);
  impl_->columns = std::move(opened);
  std::filesystem::remove_all(impl_->ingest_folder());
  std::filesystem::create_directory(impl_->ingest_folder());
}

RocksDbDisk::~RocksDbDisk() = default;

std::shared_ptr<const Snapshot> RocksDbDisk::snapshot() const { return snapshot_of(impl_->current()); }

std::unique_ptr<Ingestion> RocksDbDisk::ingest() {
  std::shared_ptr<const Columns> columns = impl_->current();
  impl_->start_compaction(*columns);
  return std::make_unique<RocksDbIngestion>(std::move(columns), impl_->ingest_folder());
}

uint64_t RocksDbDisk::disk_bytes() const {
  std::shared_ptr<const Columns> columns = impl_->current();
  uint64_t bytes = 0;
  for (const auto& [name, column] : columns->by_name) {
    uint64_t of_family = 0;
    columns->db->GetIntProperty(column.handle.get(), rocksdb::DB::Properties::kTotalSstFilesSize, &of_family);
    bytes += of_family;
  }
  return bytes;
}

void RocksDbDisk::clear() {
  std::shared_ptr<const Columns> old = impl_->current();
  auto fresh = std::make_shared<Columns>();
  fresh->db = old->db;
  impl_->drop(*old);
  impl_->create_missing(*fresh);
  std::lock_guard lock(impl_->mutex);
  impl_->columns = std::move(fresh);
}

Checkpoint RocksDbDisk::copy_to(const std::filesystem::path& folder) const {
  constexpr std::string_view kFailed = "a second copy of the state can't be made";
  if (std::filesystem::exists(damage_mark(impl_->folder))) throw Damaged("the state was found damaged");
  std::shared_ptr<const Columns> columns = impl_->current();
  rocksdb::Checkpoint* made = nullptr;
  check(rocksdb::Checkpoint::Create(columns->db.get(), &made), kFailed);
  std::unique_ptr<rocksdb::Checkpoint> maker(made);
  // Nothing is in memtables, so nothing is to be flushed.
  constexpr uint64_t kNeverFlush = std::numeric_limits<uint64_t>::max();
  check(maker->CreateCheckpoint(folder, kNeverFlush), kFailed);
  try {
    return read_checkpoint(folder);
  } catch (const Damaged&) {
    remove(folder);
    throw;
  }
}

void RocksDbDisk::compact(const BeginMerge& begin, std::atomic<bool>& stop) {
  const auto columns = impl_->current();
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  options.canceled = &stop;
  for (const auto& [name, column] : columns->by_name) {
    if (stop) return;
    uint64_t bytes = 0;
    columns->db->GetIntProperty(column.handle.get(), rocksdb::DB::Properties::kTotalSstFilesSize, &bytes);
    if (!begin(name, bytes)) continue;
    const rocksdb::Status status = columns->db->CompactRange(options, column.handle.get(), nullptr, nullptr);
    if (!status.ok() && !status.IsIncomplete())
      throw WriteFailed("the state's files can't be merged: " + status.ToString());
  }
}

void RocksDbDisk::check_files() const {
  constexpr size_t kReadahead = size_t{1} << 20;
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = kReadahead;
  const std::shared_ptr<const Columns> columns = impl_->current();
  // Of whole files; those of earlier programs have none, and are read block by block.
  rocksdb::Status status = columns->db->VerifyFileChecksums(options);
  if (status.ok()) status = columns->db->VerifyChecksum(options);
  if (!status.ok()) read_failed(*columns->db, status);
}

Checkpoint RocksDbDisk::read_checkpoint(const std::filesystem::path& folder) {
  std::vector<std::string> names = families_in(folder);
  if (std::find(names.begin(), names.end(), kMetaFamily) == names.end()) return {};
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (std::string_view name : {std::string_view(rocksdb::kDefaultColumnFamilyName), kMetaFamily})
    descriptors.emplace_back(std::string(name), family_options({std::string(name)}, nullptr));
  rocksdb::DB* opened = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DBOptions options = database_options();
  options.create_if_missing = false;
  rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, folder, descriptors, &handles, &opened);
  if (!status.ok()) throw Damaged("the state can't be opened: " + status.ToString());
  std::unique_ptr<rocksdb::DB> db(opened);
  std::vector<std::unique_ptr<rocksdb::ColumnFamilyHandle>> owned(handles.begin(), handles.end());
  std::string bytes;
  status = db->Get({}, handles[1], rocksdb::Slice(kCheckpointKey.data(), kCheckpointKey.size()), &bytes);
  if (status.IsNotFound()) return {};
  if (!status.ok()) throw Damaged("the state's checkpoint can't be read: " + status.ToString());
  std::optional<Checkpoint> decoded = decode_checkpoint(bytes);
  if (!decoded) throw Damaged("the state's checkpoint can't be read");
  return *decoded;
}

// Tables never change; everything else is appended to, so that the two must not share it.
void RocksDbDisk::duplicate(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::create_directory(to);
  try {
    for (const auto& file : std::filesystem::directory_iterator(from)) {
      if (!file.is_regular_file() || file.path().filename() == "LOCK") continue;
      const std::filesystem::path target = to / file.path().filename();
      std::error_code no_link;
      if (file.path().extension() == ".sst") std::filesystem::create_hard_link(file.path(), target, no_link);
      if (std::filesystem::exists(target)) continue;
      std::filesystem::copy_file(file.path(), target);
      sync(target);
    }
    sync(to);
  } catch (...) {
    remove(to);
    throw;
  }
}

void RocksDbDisk::mark_damaged(const std::filesystem::path& folder, std::string_view why) {
  std::ofstream(damage_mark(folder)) << why << '\n';
}

void RocksDbDisk::remove(const std::filesystem::path& folder) { std::filesystem::remove_all(folder); }

}  // namespace lode::store
