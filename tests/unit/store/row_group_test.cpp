#include "store/row_group.h"

#include <gtest/gtest.h>

#include <map>

#include "store/bytes.h"
#include "store/keyed_table.h"
#include "store/memory_disk.h"

namespace lode::store {
namespace {

class RowGroup : public testing::Test {
 protected:
  void put(std::string key, std::string value) {
    auto ingestion = disk_.ingest();
    ingestion->begin("rows");
    ingestion->put(key, value);
    ingestion->commit();
  }
  MemoryDisk disk_{{{"rows", nullptr}}};
};

TEST_F(RowGroup, GivesBackRowsOfEverySizeByNumberAndInRanges) {
  std::map<uint64_t, std::string> twin;
  for (uint64_t i = 0; i < 1000; ++i) twin[i * i] = std::string(i % 300, static_cast<char>('a' + i % 26));
  twin[1'000'003] = std::string(50'000, 'L');
  auto ingestion = disk_.ingest();
  ingestion->begin("rows");
  RowGroupWriter writer(*ingestion, "p");
  for (const auto& [number, row] : twin) writer.add(number, row);
  writer.finish();
  ingestion->commit();

  auto snapshot = disk_.snapshot();
  std::string row;
  for (uint64_t number = 0; number < 5000; ++number) {
    bool found = get_grouped_row(*snapshot, "rows", "p", number, row);
    ASSERT_EQ(found, twin.contains(number)) << number;
    if (found) {
      ASSERT_EQ(row, twin[number]);
    }
  }
  for (uint64_t from : {0, 1, 4096, 998'000, 1'000'003}) {
    for (uint64_t to : {1u, 5000u, 998'001u, 2'000'000u}) {
      std::map<uint64_t, std::string> seen;
      scan_grouped_rows(*snapshot, "rows", "p", from, to, [&](uint64_t number, std::string_view bytes) {
        seen.emplace(number, bytes);
        return true;
      });
      std::map<uint64_t, std::string> expected;
      if (from < to) expected.insert(twin.lower_bound(from), twin.lower_bound(to));
      EXPECT_EQ(seen, expected) << from << ' ' << to;
    }
  }
  EXPECT_FALSE(get_grouped_row(*snapshot, "rows", "q", 4, row));
}

TEST_F(RowGroup, ReportsDamage) {
  using std::string_literals::operator""s;
  std::string row;
  for (const std::string& value : {""s, "\x01"s, "\x00"s, "\x7f"s, "\x01\x00\x05row"s}) {
    put(key_of(uint64_t{9}), value);
    EXPECT_THROW(get_grouped_row(*disk_.snapshot(), "rows", {}, 9, row), Damaged);
  }
}

}  // namespace
}  // namespace lode::store
