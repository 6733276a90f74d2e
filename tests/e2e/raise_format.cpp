// Raises the format of one part of a stopped node's data by one, as a newer program would have written it:
// raise_format DATA_DIR log|controls|bystanders|ruleset
#include <rocksdb/db.h>

#include <cstdio>
#include <string>
#include <vector>

#include "log/rocksdb_log.h"

namespace {

// The four bytes of the number that the log's own format is.
int raise_log(const std::string& folder) {
  std::vector<std::string> names;
  rocksdb::DB::ListColumnFamilies({}, folder, &names);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions{});
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  rocksdb::DBOptions options;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  if (!rocksdb::DB::Open(options, folder, families, &handles, &db).ok()) return 1;
  for (rocksdb::ColumnFamilyHandle* family : handles) {
    std::string format;
    if (!db->Get({}, family, "format", &format).ok() || family->GetName() != "meta") continue;
    format[3] = static_cast<char>(format[3] + 40);
    rocksdb::WriteOptions sync;
    sync.sync = true;
    if (!db->Put(sync, family, "format", format).ok()) return 1;
  }
  for (rocksdb::ColumnFamilyHandle* family : handles) db->DestroyColumnFamilyHandle(family);
  delete db;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string folder = std::string(argv[1]) + "/log", what = argv[2];
  if (what == "log") return raise_log(folder);
  lode::log::RocksDbLog log(lode::log::RocksDbLogOptions{.path = folder});
  const std::string fact = what == "ruleset" ? "controls" : what;
  auto bytes = log.get_meta(fact);
  if (!bytes) return 1;
  if (what == "ruleset") {
    const size_t at = bytes->find("\nformat = 1\n");
    if (at == std::string::npos) return 1;
    bytes->replace(at, 12, "\nformat = 9\n");
  } else {
    (*bytes)[0] = static_cast<char>((*bytes)[0] + 40);  // a varint below 128
  }
  log.put_meta(fact, *bytes);
  return 0;
}
