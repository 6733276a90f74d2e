#include "store/rocksdb_columns.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/rate_limiter.h>
#include <rocksdb/table.h>

#include <filesystem>
#include <fstream>

#include "store/bytes.h"
#include "store/merge_operator.h"

namespace lode::store {

namespace {

constexpr size_t kBlockCacheBytes = size_t{64} << 20;
constexpr size_t kBlockBytes = size_t{16} << 10;
constexpr uint64_t kSyncSliceBytes = uint64_t{1} << 20;
constexpr int64_t kWriteBytesPerSecond = int64_t{128} << 20;
constexpr double kFilterBitsPerKey = 10;

// RocksDB's own text log aborts the process when it writes again after a disk was full. What goes wrong comes
// back as a status.
class NoTextLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace

std::shared_ptr<rocksdb::Cache> make_block_cache() {
  rocksdb::LRUCacheOptions options;
  options.capacity = kBlockCacheBytes;
  options.high_pri_pool_ratio = 0.5;  // of indexes and filters, so that a scan can't push them out
  return rocksdb::NewLRUCache(options);
}

rocksdb::DBOptions database_options() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.max_open_files = 512;
  options.max_background_jobs = 2;
  options.max_subcompactions = 1;
  // Small slices on their way to the disk all the time: one big sync would make the log's wait.
  options.bytes_per_sync = kSyncSliceBytes;
  options.rate_limiter.reset(rocksdb::NewGenericRateLimiter(kWriteBytesPerSecond));
  options.compaction_readahead_size = size_t{1} << 20;
  options.info_log = std::make_shared<NoTextLog>();
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();  // of whole files
  options.max_manifest_file_size = uint64_t{16} << 20;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  // Compactions only: the pool of flushes is shared with the log's instance.
  options.env->LowerThreadPoolCPUPriority(rocksdb::Env::Priority::LOW, rocksdb::CpuPriority::kLow);
  return options;
}

rocksdb::ColumnFamilyOptions family_options(const Family& family,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = kBlockBytes;
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
  // In pieces of a block each: of a file with 10^9 keys a lookup must not load the whole filter.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_top_level_index_and_filter = true;

  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = family.hashed ? rocksdb::kNoCompression : rocksdb::kZSTD;
  options.compression_opts.level = 1;
  options.compaction_style = rocksdb::kCompactionStyleUniversal;
  options.level0_file_num_compaction_trigger = family.hashed ? 12 : 6;
  options.write_buffer_size = size_t{1} << 20;  // never used
  if (family.merge) {
    static const EmptyValueFilter drop_empty;
    options.merge_operator = std::make_shared<MergeOperator>(family.merge);
    options.compaction_filter = &drop_empty;
  }
  return options;
}

std::filesystem::path damage_mark(const std::filesystem::path& folder) { return folder / "damaged"; }

void read_failed(const rocksdb::DB& db, const rocksdb::Status& status) {
  if (status.IsCorruption()) std::ofstream(damage_mark(db.GetName())) << status.ToString() << '\n';
  throw Damaged("the state on the disk can't be read: " + status.ToString());
}

}  // namespace lode::store
