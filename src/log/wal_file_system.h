// How the log's RocksDB sees its write-ahead log files; all other files pass through.
// * Written: zeros are kept ahead of small appends, so that a sync has data to write but no new file size or
// extent,
//   which costs the file system a journal commit: about a quarter of the time of a small append.
// * Read, at recovery: only whole records, as wal_tail.h finds them; damage is an error, so the log does not
// open. Threads: as rocksdb::FileSystem.
#pragma once

#include <rocksdb/file_system.h>

#include <memory>

namespace lode::log {

std::shared_ptr<rocksdb::FileSystem> make_wal_file_system(std::shared_ptr<rocksdb::FileSystem> base);

}  // namespace lode::log
