#include "log/rocksdb_open.h"

#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <filesystem>

#include "log/entry_key.h"
#include "log/wal_file_system.h"

namespace lode::log {
namespace {

constexpr std::string_view kFormatKey = "format";
constexpr std::string_view kSizePrefix = "size/";
constexpr std::string_view kChunkPrefix = "chunk/";

// RocksDB's own text log aborts the process when it writes again after a disk was full. What goes wrong comes
// back as a status.
class NoTextLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::DBOptions database_options(const RocksDbLogOptions& options, rocksdb::Env* env) {
  rocksdb::DBOptions out;
  out.env = env;
  // The file system below has cut off what a power loss left half-written, so nothing is tolerated here.
  out.wal_recovery_mode = rocksdb::WALRecoveryMode::kAbsoluteConsistency;
  out.create_if_missing = true;
  out.create_missing_column_families = true;
  // One write at a time is the contract, so nothing is gained by the machinery for many.
  out.allow_concurrent_memtable_write = false;
  out.enable_write_thread_adaptive_yield = false;
  // Flushes a quiet column family that would hold back old write-ahead log files. (atomic_flush would do it,
  // too, but in RocksDB 7.8 it aborts at the close when a new file could not be made.)
  out.max_total_wal_size = 2 * options.write_buffer_bytes;
  out.max_background_jobs = 2;
  out.bytes_per_sync = 1 << 20;  // in slices: one big sync of a blob file would make append() wait
  out.max_bgerror_resume_count = 0;
  out.info_log = std::make_shared<NoTextLog>();
  out.stats_dump_period_sec = 0;
  out.stats_persist_period_sec = 0;
  for (auto pool : {rocksdb::Env::LOW, rocksdb::Env::HIGH}) {
    out.env->LowerThreadPoolCPUPriority(pool, rocksdb::CpuPriority::kLow);
  }
  return out;
}

rocksdb::ColumnFamilyOptions family_options(const RocksDbLogOptions& options) {
  rocksdb::ColumnFamilyOptions out;
  out.write_buffer_size = options.write_buffer_bytes;
  out.max_write_buffer_number = 4;
  out.compression = rocksdb::kNoCompression;  // payloads are compressed, headers are tiny
  return out;
}

rocksdb::ColumnFamilyOptions log_family_options(const RocksDbLogOptions& options) {
  rocksdb::ColumnFamilyOptions out = family_options(options);
  // Payloads are written once at a flush and never again by compactions.
  out.enable_blob_files = true;
  out.min_blob_size = 0;
  // A blob file goes when the last of its entries is dropped. Collecting garbage would write the oldest
  // quarter of the log anew each time a prefix goes.
  out.enable_blob_garbage_collection = false;
  return out;
}

rocksdb::ColumnFamilyOptions archive_family_options(const RocksDbLogOptions& options) {
  rocksdb::ColumnFamilyOptions out = log_family_options(options);
  // Chunks are few, and replaced one by one.
  out.enable_blob_garbage_collection = true;
  out.blob_garbage_collection_age_cutoff = 1.0;
  return out;
}

[[noreturn]] void open_failed(const std::string& path, const std::string& why) {
  throw OpenFailed("log in " + path + ": " + why);
}

std::string reason(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  if (status.IsIOError() && text.find("lock") != std::string::npos) {
    return "another loded uses this data folder (" + text + ")";
  }
  if (status.IsCorruption()) return "damaged on disk: " + text;
  return text;
}

std::vector<rocksdb::ColumnFamilyDescriptor> families(const RocksDbLogOptions& options,
                                                      const rocksdb::DBOptions& database) {
  std::vector<rocksdb::ColumnFamilyDescriptor> out{
      {rocksdb::kDefaultColumnFamilyName, family_options(options)},
      {"log", log_family_options(options)},
      {"hdr", family_options(options)},
      {"meta", family_options(options)},
      {"arc", archive_family_options(options)}};
  // A newer program may have added some: they are opened, too, so that the version can be read and named.
  std::vector<std::string> names;
  rocksdb::DB::ListColumnFamilies(database, options.path, &names).PermitUncheckedError();
  for (const std::string& name : names) {
    if (std::none_of(out.begin(), out.end(), [&](const auto& family) { return family.name == name; })) {
      out.emplace_back(name, family_options(options));
    }
  }
  return out;
}

// RocksDB would begin anew in a folder without CURRENT, and delete what it finds there.
void check_current(const std::string& path) {
  std::error_code missing;
  if (std::filesystem::exists(path + "/CURRENT")) return;
  for (const auto& file : std::filesystem::directory_iterator(path, missing)) {
    const std::string kind = file.path().extension();
    if (kind == ".sst" || kind == ".blob" || kind == ".log")
      open_failed(path, "damaged on disk: it holds " + file.path().filename().string() +
                            ", but its file CURRENT is missing");
  }
}

bool empty(const Database& database, rocksdb::ColumnFamilyHandle* family) {
  std::unique_ptr<rocksdb::Iterator> it(database.db->NewIterator({}, family));
  it->SeekToFirst();
  return !it->Valid() && it->status().ok();
}

// A new folder gets this program's version; any other must have one that is known.
void check_version(const Database& database, const std::string& path) {
  std::string bytes;
  rocksdb::Status status = database.db->Get({}, database.meta, slice(kFormatKey), &bytes);
  if (status.IsNotFound()) {
    if (!empty(database, database.hdr) || !empty(database, database.log)) {
      open_failed(path,
                  "it holds entries but no format version; this is not a log of Lode, or it is damaged");
    }
    rocksdb::WriteOptions sync;
    sync.sync = true;
    status = database.db->Put(sync, database.meta, slice(kFormatKey), fixed32(kFirstLogFormatVersion));
    if (!status.ok()) open_failed(path, reason(status));
    return;
  }
  if (!status.ok()) open_failed(path, reason(status));
  const auto version = parse_fixed32(bytes);
  if (!version || *version == 0) open_failed(path, "its format version is damaged");
  if (*version > kLogFormatVersion) {
    open_failed(path, "it has format version " + std::to_string(*version) +
                          ", written by a newer loded; this one reads up to version " +
                          std::to_string(kLogFormatVersion) + ". Start the newer program.");
  }
}

}  // namespace

Database::~Database() {
  for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  if (db) db->Close().PermitUncheckedError();
}

Database open_database(const RocksDbLogOptions& options) {
  Database database;
  const rocksdb::Env* base = options.env ? options.env : rocksdb::Env::Default();
  database.env = rocksdb::NewCompositeEnv(make_wal_file_system(base->GetFileSystem()));
  const rocksdb::DBOptions db_options = database_options(options, database.env.get());
  check_current(options.path);
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(db_options, options.path, families(options, db_options), &database.handles, &db);
  if (!status.ok()) open_failed(options.path, reason(status));
  database.db.reset(db);
  database.log = database.handles[1];
  database.hdr = database.handles[2];
  database.meta = database.handles[3];
  database.arc = database.handles[4];
  check_version(database, options.path);
  return database;
}

std::map<record::GroupId, Archive> read_archives(const Database& database) {
  std::map<record::GroupId, Archive> archives;
  const std::string path = database.db->GetName(), prefix(kChunkPrefix);
  std::unique_ptr<rocksdb::Iterator> meta(database.db->NewIterator({}, database.meta));
  for (meta->Seek(prefix); meta->Valid() && meta->key().starts_with(prefix); meta->Next()) {
    const auto key = parse_entry_key(view(meta->key()).substr(prefix.size()));
    const auto first = parse_fixed64(view(meta->value()).substr(0, 8));
    const auto bytes =
        meta->value().size() == 16 ? parse_fixed64(view(meta->value()).substr(8)) : std::nullopt;
    if (!key || !first || !bytes) open_failed(path, "where a chunk is, is damaged");
    Archive& of = archives[key->group];
    if (of.last() != 0 && *first != of.last() + 1)
      open_failed(path, "the chunk behind entry " + std::to_string(of.last()) + " is missing");
    of.load({*first, key->index.value, *bytes});
  }
  if (!meta->status().ok()) open_failed(path, reason(meta->status()));
  return archives;
}

std::map<record::GroupId, Extent> read_extents(const Database& database,
                                               const std::map<record::GroupId, Archive>& archives) {
  std::map<record::GroupId, Extent> extents;
  const std::string path = database.db->GetName();
  const std::string prefix = first_index_key({0}).substr(0, first_index_key({0}).size() - 4);
  std::unique_ptr<rocksdb::Iterator> meta(database.db->NewIterator({}, database.meta));
  for (meta->Seek(prefix); meta->Valid() && meta->key().starts_with(prefix); meta->Next()) {
    const auto group = parse_fixed32(view(meta->key()).substr(prefix.size()));
    const auto first = parse_fixed64(view(meta->value()));
    if (!group || !first || *first == 0) open_failed(path, "the first index of a group is damaged");
    extents[{*group}] = {*first, *first - 1};
  }
  for (const auto& [group, archive] : archives)
    extents[group].last = std::max(extents[group].last, archive.last());
  if (!meta->status().ok()) open_failed(path, reason(meta->status()));

  std::unique_ptr<rocksdb::Iterator> hdr(database.db->NewIterator({}, database.hdr));
  hdr->SeekToFirst();
  while (hdr->Valid()) {
    const auto first = parse_entry_key(view(hdr->key()));
    if (!first) open_failed(path, "the key of an entry is damaged");
    Extent& extent = extents[first->group];
    const auto archive = archives.find(first->group);
    const uint64_t expected =
        std::max(extent.first, archive == archives.end() ? 0 : archive->second.last() + 1);
    if (first->index.value != expected) {
      open_failed(path, "entry " + std::to_string(expected) + " is missing; the first one there is " +
                            std::to_string(first->index.value));
    }
    const EntryKey end = entry_key(first->group, UINT64_MAX);
    hdr->SeekForPrev(slice(view(end)));
    extent.last = parse_entry_key(view(hdr->key()))->index.value;
    hdr->Next();
  }
  if (!hdr->status().ok()) open_failed(path, reason(hdr->status()));
  return extents;
}

std::map<record::GroupId, SizeMarks> read_sizes(const Database& database,
                                                const std::map<record::GroupId, Extent>& extents,
                                                const std::map<record::GroupId, Archive>& archives) {
  std::map<record::GroupId, SizeMarks> sizes;
  const std::string path = database.db->GetName(), prefix(kSizePrefix);
  std::unique_ptr<rocksdb::Iterator> meta(database.db->NewIterator({}, database.meta));
  for (meta->Seek(prefix); meta->Valid() && meta->key().starts_with(prefix); meta->Next()) {
    const auto key = parse_entry_key(view(meta->key()).substr(prefix.size()));
    const auto bytes = parse_fixed64(view(meta->value()));
    if (!key || !bytes) open_failed(path, "the size of a group is damaged");
    sizes[key->group].load({key->index.value, *bytes});
  }
  if (!meta->status().ok()) open_failed(path, reason(meta->status()));

  rocksdb::ReadOptions options;
  options.fill_cache = false;
  for (const auto& [group, extent] : extents) {
    SizeMarks& of = sizes[group];
    std::unique_ptr<rocksdb::Iterator> log(database.db->NewIterator(options, database.log));
    const auto archive = archives.find(group);
    uint64_t index = std::max(of.last_marked() + 1, extent.first);
    if (archive != archives.end()) index = std::max(index, archive->second.last() + 1);
    for (log->Seek(slice(view(entry_key(group, index)))); log->Valid() && index <= extent.last; log->Next())
      if (of.add(index++, log->value().size())) break;  // the rest is of an earlier program
    log->status().PermitUncheckedError();  // what can't be read is not counted, and reported when it is read
  }
  return sizes;
}

std::string first_index_key(record::GroupId group) { return "first/" + fixed32(group.value); }
std::string size_key(record::GroupId group, uint64_t index) {
  return std::string(kSizePrefix) + std::string(view(entry_key(group, index)));
}
std::string format_key() { return std::string(kFormatKey); }
std::string chunk_key(record::GroupId group, uint64_t last) {
  return std::string(kChunkPrefix) + std::string(view(entry_key(group, last)));
}
std::string user_key(std::string_view key) { return "user/" + std::string(key); }

}  // namespace lode::log
