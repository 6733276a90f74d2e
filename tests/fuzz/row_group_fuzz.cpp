// Any bytes as a group of rows: rows with ascending numbers, the last one the key's, each found by its number
// and written again as they were, or store::Damaged. The first 8 bytes are the group's number.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event_invariants.h"
#include "store/bytes.h"
#include "store/memory_disk.h"
#include "store/row_group.h"

namespace {

using namespace lode;
using Rows = std::vector<std::pair<uint64_t, std::string>>;

constexpr std::string_view kFamily = "rows", kPrefix = "p";

Rows rows_of(const store::Disk& disk) {
  Rows rows;
  store::scan_grouped_rows(*disk.snapshot(), kFamily, kPrefix, 0, UINT64_MAX,
                           [&](uint64_t number, std::string_view row) {
                             rows.emplace_back(number, row);
                             return true;
                           });
  return rows;
}

void check(const store::Disk& disk, const Rows& rows, uint64_t last) {
  using fuzz::require;
  for (size_t i = 0; i < rows.size(); ++i) {
    require(i == 0 || rows[i - 1].first < rows[i].first, "numbers ascend");
    std::string row;
    require(store::get_grouped_row(*disk.snapshot(), kFamily, kPrefix, rows[i].first, row) &&
                row == rows[i].second,
            "a row is found by its number");
  }
  require(last == UINT64_MAX || rows.back().first == last, "the key is the last row's number");
  store::MemoryDisk again({{std::string(kFamily)}});
  auto ingestion = again.ingest();
  ingestion->begin(kFamily);
  store::RowGroupWriter writer(*ingestion, std::string(kPrefix));
  for (const auto& [number, row] : rows) writer.add(number, row);
  writer.finish();
  ingestion->commit();
  require(rows_of(again) == rows, "rows are read as they were written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 8) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  store::MemoryDisk disk({{std::string(kFamily)}});
  auto ingestion = disk.ingest();
  ingestion->begin(kFamily);
  ingestion->put(std::string(kPrefix) + std::string(bytes.substr(0, 8)), bytes.substr(8));
  ingestion->commit();
  uint64_t last = 0;
  for (int i = 0; i < 8; ++i) last = last << 8 | data[i];
  try {
    const Rows rows = rows_of(disk);
    if (!rows.empty()) check(disk, rows, last);
  } catch (const store::Damaged&) {
  }
  return 0;
}
