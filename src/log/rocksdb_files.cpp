#include "log/rocksdb_files.h"

#include <rocksdb/transaction_log.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "log/entry_key.h"
#include "log/wal_tail.h"

namespace lode::log {
namespace {

void check(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error("a second copy of the log can't be made: " + status.ToString());
}

// No file goes while this lives.
class FilesKept {
 public:
  explicit FilesKept(rocksdb::DB& db) : db_(db) { check(db_.DisableFileDeletions()); }
  ~FilesKept() { db_.EnableFileDeletions(/*force=*/false).PermitUncheckedError(); }
  FilesKept(const FilesKept&) = delete;
  FilesKept& operator=(const FilesKept&) = delete;

 private:
  rocksdb::DB& db_;
};

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in) throw std::runtime_error(path.string() + " can't be read");
  return std::move(bytes).str();
}

void write(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush();
  if (!out) throw std::runtime_error(path.string() + " can't be written");
}

void make_copy(rocksdb::DB& db, const std::filesystem::path& folder) {
  const std::filesystem::path from = db.GetName();
  const FilesKept kept(db);
  std::vector<std::string> files;
  uint64_t manifest_bytes = 0;
  check(db.GetLiveFiles(files, &manifest_bytes, /*flush_memtable=*/false));
  // Behind the live files: what is flushed between the two is in both.
  rocksdb::VectorLogPtr wals;
  check(db.GetSortedWalFiles(wals));

  std::filesystem::create_directory(folder);
  std::string manifest;
  for (const std::string& name : files) {  // each with a slash in front
    const std::string plain = name.substr(1);
    const std::string extension = std::filesystem::path(plain).extension();
    if (extension == ".sst" || extension == ".blob") {
      std::filesystem::create_hard_link(from / plain, folder / plain);
    } else if (plain.starts_with("MANIFEST-")) {
      write(folder / plain, std::string_view(read(from / plain)).substr(0, manifest_bytes));
      manifest = plain;
    } else if (plain != "CURRENT") {
      write(folder / plain, read(from / plain));
    }
  }
  for (const auto& wal : wals) {
    if (wal->Type() != rocksdb::kAliveLogFile) continue;
    const std::string plain = wal->PathName().substr(1);
    const std::string bytes = read(from / plain);
    const WalTail tail = find_wal_tail(bytes);
    if (tail.kind == WalTail::Kind::damaged)
      throw std::runtime_error((from / plain).string() + ": damaged on disk behind byte " +
                               std::to_string(tail.whole_bytes));
    write(folder / plain, std::string_view(bytes).substr(0, tail.whole_bytes));
  }
  write(folder / "CURRENT", manifest + "\n");
}

}  // namespace

void flush_files(const Database& database) {
  const rocksdb::Status status = database.db->Flush({}, database.handles);
  if (!status.ok()) throw std::runtime_error("log: a flush failed: " + status.ToString());
}

void copy_files(const Database& database, const std::filesystem::path& folder) {
  try {
    make_copy(*database.db, folder);
  } catch (const std::exception&) {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    throw;
  }
}

rocksdb::Status check_files(const Database& database) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = 1 << 20;
  return database.db->VerifyChecksum(options);
}

void give_back(const Database& database, record::GroupId group, uint64_t from, uint64_t to) {
  const EntryKey first = entry_key(group, from), end = entry_key(group, to);
  const rocksdb::Slice begin = slice(view(first)), behind = slice(view(end));
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  for (auto* family : {database.log, database.hdr, database.arc})
    database.db->CompactRange(options, family, &begin, &behind).PermitUncheckedError();
  // The others were written for that; what these few bytes hold keeps whole files of the write-ahead log.
  database.db->Flush({}, database.meta).PermitUncheckedError();
}

uint64_t bytes_of_files(const Database& database) {
  const rocksdb::DB& db = *database.db;
  rocksdb::Env* env = db.GetEnv();
  std::vector<std::string> names;
  if (!env->GetChildren(db.GetName(), &names).ok()) return 0;
  uint64_t total = 0;
  for (const std::string& name : names) {
    uint64_t bytes = 0;  // a file that has just gone counts nothing
    if (env->GetFileSize(db.GetName() + "/" + name, &bytes).ok()) total += bytes;
  }
  return total;
}

}  // namespace lode::log
