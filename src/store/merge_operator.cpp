#include "store/merge_operator.h"

#include <exception>
#include <string_view>

namespace lode::store {

namespace {
std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }
}  // namespace

bool MergeOperator::Merge(const rocksdb::Slice&, const rocksdb::Slice* existing_value,
                          const rocksdb::Slice& value, std::string* new_value, rocksdb::Logger*) const {
  if (!existing_value || existing_value->empty()) {
    new_value->assign(value.data(), value.size());
    return true;
  }
  if (value.empty()) {
    new_value->assign(existing_value->data(), existing_value->size());
    return true;
  }
  try {
    *new_value = merge_(view(*existing_value), view(value));
    return true;
  } catch (const std::exception&) {
    return false;  // RocksDB reports the key as corrupt
  }
}

rocksdb::CompactionFilter::Decision EmptyValueFilter::FilterV2(int, const rocksdb::Slice&, ValueType type,
                                                               const rocksdb::Slice& value, std::string*,
                                                               std::string*) const {
  bool plain = type == ValueType::kValue || type == ValueType::kMergeOperand;
  return plain && value.empty() ? Decision::kRemove : Decision::kKeep;
}

}  // namespace lode::store
