// The open RocksDB of a RocksDbDisk: its options, column families and snapshots. For rocksdb_*.cpp only.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "store/disk.h"

namespace lode::store {

rocksdb::DBOptions database_options();
// `cache` is shared by all families.
rocksdb::ColumnFamilyOptions family_options(const Family& family,
                                            const std::shared_ptr<rocksdb::Cache>& cache);
std::shared_ptr<rocksdb::Cache> make_block_cache();

struct Column {
  std::unique_ptr<rocksdb::ColumnFamilyHandle> handle;
  rocksdb::ColumnFamilyOptions options;
  bool merges = false;
};

// Snapshots and iterators keep it open.
struct Columns {
  std::shared_ptr<rocksdb::DB> db;
  std::map<std::string, Column, std::less<>> by_name;  // goes before db

  const Column* find(std::string_view family) const {
    auto found = by_name.find(family);
    return found == by_name.end() ? nullptr : &found->second;
  }
};

// The file in the state's folder that says: made anew at the next start.
std::filesystem::path damage_mark(const std::filesystem::path& folder);
// Throws Damaged, and marks the folder when it is what lies there that is damaged.
[[noreturn]] void read_failed(const rocksdb::DB& db, const rocksdb::Status& status);

std::shared_ptr<const Snapshot> snapshot_of(std::shared_ptr<const Columns> columns);

}  // namespace lode::store
