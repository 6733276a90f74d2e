// A family's MergeFunction as RocksDB wants it. For rocksdb_*.cpp only.
#pragma once

#include <rocksdb/compaction_filter.h>
#include <rocksdb/merge_operator.h>

#include <string>

#include "store/disk.h"

namespace lode::store {

class MergeOperator final : public rocksdb::AssociativeMergeOperator {
 public:
  explicit MergeOperator(MergeFunction merge) : merge_(merge) {}
  const char* Name() const override { return "lode.Merge"; }
  bool Merge(const rocksdb::Slice& key, const rocksdb::Slice* existing_value, const rocksdb::Slice& value,
             std::string* new_value, rocksdb::Logger* logger) const override;

 private:
  MergeFunction merge_;
};

// Lets compaction drop the keys of which nothing is left.
class EmptyValueFilter final : public rocksdb::CompactionFilter {
 public:
  const char* Name() const override { return "lode.EmptyValue"; }
  Decision FilterV2(int level, const rocksdb::Slice& key, ValueType type, const rocksdb::Slice& value,
                    std::string* new_value, std::string* skip_until) const override;
};

}  // namespace lode::store
