// The files of an open RocksDB: a second folder of them, their checksums, their size. Seen by RocksDbLog
// alone.
#pragma once

#include <filesystem>

#include "log/rocksdb_open.h"

namespace lode::log {

// What is in memory goes to files, so that little is left to copy. Throws std::runtime_error.
void flush_files(const Database& database);
// As RocksDB's own checkpoint does, but for the write-ahead log: that lies in a form of its own here
// (wal_file_system.h). Nobody writes meanwhile; flushes and compactions may run. Throws std::runtime_error,
// then nothing is left of it.
void copy_files(const Database& database, const std::filesystem::path& folder);
rocksdb::Status check_files(const Database& database);
// Gives the disk back that entries [from, to) had before they were dropped: headers and references are
// compacted, and blob files that nothing refers to go.
void give_back(const Database& database, record::GroupId group, uint64_t from, uint64_t to);
uint64_t bytes_of_files(const Database& database);

}  // namespace lode::log
