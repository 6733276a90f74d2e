// Opens the log's RocksDB: options, column families, the format's version. Seen by rocksdb_log_impl.h and
// rocksdb_files.h alone.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <map>
#include <memory>
#include <vector>

#include "log/archive.h"
#include "log/extent.h"
#include "log/rocksdb_log.h"
#include "log/size_marks.h"

namespace lode::log {

// Closes in the right order: handles, then the database.
struct Database {
  std::unique_ptr<rocksdb::Env> env;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;  // all, owned
  rocksdb::ColumnFamilyHandle* log = nullptr;         // entry key -> payload
  rocksdb::ColumnFamilyHandle* hdr = nullptr;         // entry key -> term, type
  rocksdb::ColumnFamilyHandle* meta = nullptr;        // see meta_key
  rocksdb::ColumnFamilyHandle* arc = nullptr;         // entry key of a chunk's last entry -> chunk

  Database() = default;
  Database(Database&&) = default;
  ~Database();
};

// Throws OpenFailed.
Database open_database(const RocksDbLogOptions& options);

// Where the chunks of every group are. Throws OpenFailed.
std::map<record::GroupId, Archive> read_archives(const Database& database);

// The entries of every group, from the first and last header of each. Throws OpenFailed.
std::map<record::GroupId, Extent> read_extents(const Database& database,
                                               const std::map<record::GroupId, Archive>& archives);

// What is known of the sizes of every group; reads payloads of one step at most. Throws OpenFailed.
std::map<record::GroupId, SizeMarks> read_sizes(const Database& database,
                                                const std::map<record::GroupId, Extent>& extents,
                                                const std::map<record::GroupId, Archive>& archives);

// Keys of the column family `meta`.
std::string first_index_key(record::GroupId group);
std::string format_key();
std::string chunk_key(record::GroupId group, uint64_t last);
std::string size_key(record::GroupId group, uint64_t index);
std::string user_key(std::string_view key);

inline rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(const rocksdb::Slice& text) { return {text.data(), text.size()}; }

}  // namespace lode::log
