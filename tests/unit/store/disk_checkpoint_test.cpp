// A second copy of a disk on RocksDB: one checkpoint whatever goes on beside it, and untouched afterwards.
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "conformance/store_folder.h"
#include "store/bytes.h"
#include "store/keyed_table.h"
#include "store/rocksdb_disk.h"

namespace lode::store {
namespace {

std::vector<Family> families() { return {{"rows"}, {"more"}}; }

// Every row of both families and the checkpoint are of the same round.
void put_round(RocksDbDisk& disk, uint64_t round) {
  auto ingestion = disk.ingest();
  for (const char* family : {"rows", "more"}) {
    ingestion->begin(family);
    for (uint64_t i = 0; i < 50; ++i) ingestion->put(key_of(i), std::to_string(round));
  }
  ingestion->begin(kMetaFamily);
  ingestion->put(kCheckpointKey, encode_checkpoint({round * 50, round, 0, 7}));
  ingestion->commit();
}

std::set<std::string> values_of(const RocksDbDisk& disk) {
  std::set<std::string> values;
  for (const char* family : {"rows", "more"})
    for (auto at = disk.snapshot()->iterate(family, {}, {}); at->valid(); at->next())
      values.insert(std::string(at->value()));
  return values;
}

TEST(DiskCheckpoint, IsOneRoundBesideIngestionAndMerges) {
  test::TemporaryFolder home;
  RocksDbDisk disk(home.path() / "state", families());
  put_round(disk, 1);
  std::atomic<bool> enough = false;
  std::thread writer([&] {
    for (uint64_t round = 2; !enough; ++round) put_round(disk, round);
  });
  uint64_t last = 0;
  for (int i = 0; i < 12; ++i) {
    const auto copy = home.path() / ("copy" + std::to_string(i));
    const Checkpoint at = disk.copy_to(copy);
    EXPECT_EQ(RocksDbDisk::read_checkpoint(copy), at);
    EXPECT_GE(at.entry_index, last);
    EXPECT_EQ(at.next_offset, at.entry_index * 50);
    last = at.entry_index;
    RocksDbDisk again(copy, families());
    EXPECT_EQ(values_of(again), std::set{std::to_string(at.entry_index)});
  }
  enough = true;
  writer.join();
  EXPECT_GT(last, 1u);
}

TEST(DiskCheckpoint, OutlivesTheDiskItWasMadeOf) {
  test::TemporaryFolder home;
  {
    RocksDbDisk disk(home.path() / "state", families());
    put_round(disk, 1);
    disk.copy_to(home.path() / "copy");
    disk.clear();
    put_round(disk, 2);
  }
  RocksDbDisk::remove(home.path() / "state");
  EXPECT_EQ(RocksDbDisk::read_checkpoint(home.path() / "copy"), (Checkpoint{50, 1, 0, 7}));
  RocksDbDisk copy(home.path() / "copy", families());
  EXPECT_EQ(values_of(copy), std::set<std::string>{"1"});
  put_round(copy, 3);
  EXPECT_EQ(values_of(copy), std::set<std::string>{"3"});
}

TEST(DiskCheckpoint, OfAnEmptyDiskStandsForNothing) {
  test::TemporaryFolder home;
  RocksDbDisk disk(home.path() / "state", families());
  disk.copy_to(home.path() / "copy");
  EXPECT_EQ(RocksDbDisk::read_checkpoint(home.path() / "copy"), Checkpoint{});
  EXPECT_TRUE(values_of(RocksDbDisk(home.path() / "copy", families())).empty());
}

TEST(DiskCheckpoint, SaysWhyNot) {
  test::TemporaryFolder home;
  RocksDbDisk disk(home.path() / "state", families());
  put_round(disk, 1);
  EXPECT_THROW(disk.copy_to(home.path() / "state"), WriteFailed);
  EXPECT_THROW(disk.copy_to(home.path() / "no" / "such" / "folder"), WriteFailed);
  disk.copy_to(home.path() / "copy");
  std::filesystem::path manifest;
  for (const auto& file : std::filesystem::directory_iterator(home.path() / "copy"))
    if (file.path().filename().string().starts_with("MANIFEST")) manifest = file.path();
  std::filesystem::remove(manifest);
  EXPECT_THROW(RocksDbDisk::read_checkpoint(home.path() / "copy"), Damaged);
  EXPECT_EQ(values_of(disk), std::set<std::string>{"1"});
  std::ofstream(home.path() / "state" / "damaged") << "found by a read\n";
  EXPECT_THROW(disk.copy_to(home.path() / "another"), Damaged);
}

}  // namespace
}  // namespace lode::store
