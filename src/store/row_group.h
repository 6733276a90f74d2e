// Up to 64 rows with ascending numbers in one value on the disk: for rows that are written once. One put for
// many rows, and RocksDB keeps no key for each of them.
//
// Key: a prefix, then the number of the group's LAST row (8 bytes, big-endian), so that the first key at or
// after a number is the group that it must be in. Value: the number of rows; of each the distance to the next
// row's number, its size; then the rows themselves. (The last distance is 0.)
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/disk.h"

namespace lode::store {

// Writes into an ingestion whose family was begun. Numbers ascend; finish() at the end.
class RowGroupWriter {
 public:
  RowGroupWriter(Ingestion& ingestion, std::string prefix)
      : ingestion_(ingestion), prefix_(std::move(prefix)) {}
  void add(uint64_t number, std::string_view row);
  void finish();

 private:
  Ingestion& ingestion_;
  std::string prefix_;
  std::vector<std::pair<uint64_t, size_t>> rows_;  // number, size
  std::string bytes_;
};

bool get_grouped_row(const Snapshot& snapshot, std::string_view family, std::string_view prefix,
                     uint64_t number, std::string& row);

using RowVisit = std::function<bool(uint64_t number, std::string_view row)>;

// Rows with numbers in [from, to) in order, until `visit` says false; then returns false. Throws Damaged.
bool scan_grouped_rows(const Snapshot& snapshot, std::string_view family, std::string_view prefix,
                       uint64_t from, uint64_t to, const RowVisit& visit);

}  // namespace lode::store
