// What verification finds: a byte turned over in every file of a log and a state, and rows that the log does
// not say.
#include "admin/verify.h"

#include <gmock/gmock.h>

#include "data_folder.h"

namespace lode::admin {
namespace {

using testing::HasSubstr;

VerifyReport verified(const std::filesystem::path& data_dir, bool deep) {
  const DataCopy copy(data_dir, "verify.tmp");
  return verify(copy, deep, {});
}

std::string all_of(const VerifyReport& report) { return json_of(report); }

void write(const std::filesystem::path& data_dir) {
  SmallNode node(data_dir, 64 << 10);
  for (int i = 0; i < 40; ++i) {
    node.add(50);
    if (i % 5 == 0) node.checkpoint();
    if (i % 7 == 0)
      node.add_events({purchase(static_cast<uint64_t>(i)), purchase(1'000'000 + static_cast<uint64_t>(i))});
    if (i % 9 == 0)
      node.add_events({R"({"event_id":"r)" + std::to_string(i) +
                       R"(","type":"refund","occurred_at":"2024-02-01T00:00:00Z",)" +
                       R"("source":"web","order_id":"o)" + std::to_string(i) + R"(","lines":[{"sku":"S)" +
                       std::to_string(i % 5) + R"(","quantity":1}]})"});
  }
  node.checkpoint();
}

// Of a node that was started again: nothing is in the write-ahead log alone.
void fill(const std::filesystem::path& data_dir) {
  write(data_dir);
  const SmallNode again(data_dir);
}

TEST(Verify, AWholeFolderIsWhole) {
  const Folder folder;
  fill(folder / "node");
  for (const bool deep : {false, true}) {
    const VerifyReport report = verified(folder / "node", deep);
    EXPECT_TRUE(report.is_whole()) << all_of(report);
    EXPECT_TRUE(report.not_looked.empty()) << all_of(report);
    EXPECT_GT(report.records, 2000u);
    EXPECT_EQ(report.rows > 0, deep);
    EXPECT_FALSE(std::filesystem::exists(folder / "node" / "verify.tmp"));
  }
}

TEST(Verify, WhileItServes) {
  const Folder folder;
  SmallNode node(folder / "node");
  for (int i = 0; i < 10; ++i) node.add(10);
  const DataCopy copy(node.live(), "verify.tmp", {});
  node.add(10);
  const VerifyReport report = verify(copy, true, {});
  EXPECT_TRUE(report.is_whole()) << all_of(report);
  EXPECT_EQ(report.last_offset, 99);
}

// Of every file that holds rows or payloads, at several places.
TEST(Verify, AByteTurnedOverInAnyFileIsFound) {
  const Folder folder;
  fill(folder / "node");
  for (const std::string kind : {"log", "state"}) {
    for (const std::string extension : {".sst", ".blob"}) {
      for (const auto& path : files_in(folder / "node" / kind, extension)) {
        const uint64_t size = std::filesystem::file_size(path);
        for (const double part : {0.1, 0.5}) {
          const auto at = static_cast<uint64_t>(static_cast<double>(size) * part);
          SCOPED_TRACE(path.string() + " at " + std::to_string(at) + " of " + std::to_string(size));
          flip(path, at);
          const VerifyReport report = verified(folder / "node", false);
          flip(path, at);
          ASSERT_FALSE(report.is_whole());
          EXPECT_EQ(report.damage.front().part == "log", kind == "log") << all_of(report);
        }
      }
    }
  }
  EXPECT_TRUE(verified(folder / "node", false).is_whole()) << "all is as it was";
}

TEST(Verify, NamesTheEntryAndTheOffset) {
  const Folder folder;
  fill(folder / "node");
  const auto blobs = files_in(folder / "node" / "log", ".blob");
  ASSERT_FALSE(blobs.empty());
  flip(blobs.front(), std::filesystem::file_size(blobs.front()) / 2);
  const VerifyReport report = verified(folder / "node", true);
  ASSERT_FALSE(report.is_whole());
  const Damage& first = report.damage.front();
  EXPECT_TRUE(first.entry && first.offset) << all_of(report);
  EXPECT_EQ(first.cure, Damage::Cure::fetch);
  EXPECT_THAT(report.not_looked, testing::Contains(HasSubstr("it is damaged")));
  EXPECT_THAT(all_of(report), HasSubstr("lodectl repair"));
}

// Rows that are well-formed, and wrong: only the log can tell.
TEST(Verify, ARowThatTheLogDoesNotSayIsNamed) {
  struct Case {
    std::string family, part, key;
  };
  const Folder folder;
  fill(folder / "node");
  for (const Case& one : {Case{"gold", "gold.", "="}, Case{"ids", "ids", "hash "},
                          Case{"batches", "batch index", ""}, Case{"quality", "silver.quality", ""}}) {
    SCOPED_TRACE(one.family);
    std::filesystem::remove_all(folder / "copy");
    std::filesystem::copy(folder / "node", folder / "copy", std::filesystem::copy_options::recursive);
    {
      std::vector<store::Family> families;
      const materialize::Generation any(small_rules(), store::Hasher({}), {}, [&](const auto& declared) {
        families = declared;
        return std::make_unique<store::RocksDbDisk>(folder / "any", declared);
      });
      store::RocksDbDisk disk(folder / "copy" / "state", families);
      auto rows = disk.snapshot()->iterate(one.family, {}, {});
      std::string key;
      for (int i = 0; i < 3 && rows->valid(); ++i, rows->next()) key = rows->key();
      auto change = disk.ingest();
      change->begin(one.family);
      change->remove(key);
      change->commit();
      std::string left;
      ASSERT_FALSE(key.empty());
      ASSERT_FALSE(disk.snapshot()->get(one.family, key, left));
    }
    const VerifyReport report = verified(folder / "copy", true);
    ASSERT_FALSE(report.is_whole());
    EXPECT_THAT(report.damage.front().part, HasSubstr(one.part)) << all_of(report);
    EXPECT_THAT(report.damage.front().key, HasSubstr(one.key)) << all_of(report);
    EXPECT_EQ(report.damage.front().cure, Damage::Cure::rebuild);
  }
}

}  // namespace
}  // namespace lode::admin
