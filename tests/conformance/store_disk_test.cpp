// What every disk promises (store/disk.h), on the memory disk and the RocksDB disk alike.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>

#include "conformance/store_folder.h"
#include "store/bytes.h"
#include "store/memory_disk.h"
#include "store/rocksdb_disk.h"

namespace lode::store {
namespace {

using testing::ElementsAre;
using testing::Pair;
using Rows = std::vector<std::pair<std::string, std::string>>;

// Signed sums; nothing is left of a sum of 0.
std::string add(std::string_view older, std::string_view newer) {
  if (older == "bad" || newer == "bad") throw Damaged("not a number");
  int64_t sum = std::stoll(std::string(older)) + std::stoll(std::string(newer));
  return sum == 0 ? "" : std::to_string(sum);
}

std::vector<Family> families() { return {{"rows", nullptr}, {"sums", add}}; }

struct InMemory {
  std::unique_ptr<Disk> disk = std::make_unique<MemoryDisk>(families());
  void reopen() {}  // it lives as long as its process
};

struct OnRocksDb {
  test::TemporaryFolder folder;
  std::unique_ptr<Disk> disk = std::make_unique<RocksDbDisk>(folder.path(), families());
  void reopen() {
    disk.reset();
    disk = std::make_unique<RocksDbDisk>(folder.path(), families());
  }
};

Rows rows_of(const Snapshot& snapshot, std::string_view family, std::string_view lower = {},
             std::string_view upper = {}) {
  Rows rows;
  for (auto at = snapshot.iterate(family, lower, upper); at->valid(); at->next()) {
    rows.emplace_back(at->key(), at->value());
  }
  return rows;
}

template <typename Home>
class StoreDisk : public testing::Test {
 protected:
  Disk& disk() { return *home_.disk; }
  std::optional<std::string> get(std::string_view family, std::string_view key) {
    std::string value;
    if (!disk().snapshot()->get(family, key, value)) return std::nullopt;
    return value;
  }
  void put(const Rows& rows) {
    auto ingestion = disk().ingest();
    ingestion->begin("rows");
    for (const auto& [key, value] : rows) ingestion->put(key, value);
    ingestion->commit();
  }
  void sum(const Rows& rows) {
    auto ingestion = disk().ingest();
    ingestion->begin("sums");
    for (const auto& [key, value] : rows) ingestion->merge(key, value);
    ingestion->commit();
  }
  Home home_;
};

using Homes = testing::Types<InMemory, OnRocksDb>;
TYPED_TEST_SUITE(StoreDisk, Homes);

TYPED_TEST(StoreDisk, ChangesAllFamiliesAtOnceOrNone) {
  auto before = this->disk().snapshot();
  auto ingestion = this->disk().ingest();
  ingestion->begin("rows");
  ingestion->put("a", "1");
  ingestion->begin(kMetaFamily);
  ingestion->begin("sums");
  ingestion->merge("s", "5");
  EXPECT_EQ(this->get("rows", "a"), std::nullopt);
  ingestion->commit();
  EXPECT_EQ(this->get("rows", "a"), "1");
  EXPECT_EQ(this->get("sums", "s"), "5");
  EXPECT_TRUE(rows_of(*before, "rows").empty());
  before.reset();
  ingestion.reset();

  this->disk().ingest()->begin("rows");
  auto given_up = this->disk().ingest();
  given_up->begin("rows");
  given_up->put("b", "2");
  given_up.reset();
  this->home_.reopen();
  EXPECT_THAT(rows_of(*this->disk().snapshot(), "rows"), ElementsAre(Pair("a", "1")));
}

TYPED_TEST(StoreDisk, CommitsAnIngestionOfNothing) {
  auto ingestion = this->disk().ingest();
  ingestion->commit();
  this->disk().ingest()->commit();
  EXPECT_TRUE(rows_of(*this->disk().snapshot(), "rows").empty());
}

TYPED_TEST(StoreDisk, SnapshotsStayAsTheyWere) {
  this->put({{"a", "1"}, {"b", "2"}});
  auto first = this->disk().snapshot();
  auto walk = first->iterate("rows", {}, {});
  auto ingestion = this->disk().ingest();
  ingestion->begin("rows");
  ingestion->put("a", "changed");
  ingestion->remove("b");
  ingestion->put("c", "3");
  ingestion->commit();
  EXPECT_THAT(rows_of(*first, "rows"), ElementsAre(Pair("a", "1"), Pair("b", "2")));
  ASSERT_TRUE(walk->valid());
  EXPECT_EQ(walk->value(), "1");
  EXPECT_THAT(rows_of(*this->disk().snapshot(), "rows"), ElementsAre(Pair("a", "changed"), Pair("c", "3")));
}

TYPED_TEST(StoreDisk, IteratesWithinBoundsInTheOrderOfUnsignedBytes) {
  this->put(
      {{std::string("\0", 1), "zero"}, {"a", "1"}, {"ab", "2"}, {"b", "3"}, {"\x7f", "4"}, {"\xff", "5"}});
  auto snapshot = this->disk().snapshot();
  EXPECT_EQ(rows_of(*snapshot, "rows").size(), 6u);
  EXPECT_THAT(rows_of(*snapshot, "rows", "ab", "\x7f"), ElementsAre(Pair("ab", "2"), Pair("b", "3")));
  EXPECT_THAT(rows_of(*snapshot, "rows", "\x7f", {}), ElementsAre(Pair("\x7f", "4"), Pair("\xff", "5")));
  EXPECT_TRUE(rows_of(*snapshot, "rows", "c", "d").empty());
  EXPECT_TRUE(rows_of(*snapshot, "rows", "b", "b").empty());

  auto walk = snapshot->iterate("rows", "a", "\xff");
  walk->seek("aa");
  ASSERT_TRUE(walk->valid());
  EXPECT_EQ(walk->key(), "ab");
  walk->seek(std::string_view("\0", 1));
  ASSERT_TRUE(walk->valid());
  EXPECT_EQ(walk->key(), "a");
  walk->seek("\xff");
  EXPECT_FALSE(walk->valid());
}

TYPED_TEST(StoreDisk, AnEmptyValueIsARow) {
  this->put({{"a", ""}});
  EXPECT_EQ(this->get("rows", "a"), "");
  EXPECT_EQ(rows_of(*this->disk().snapshot(), "rows").size(), 1u);
}

TYPED_TEST(StoreDisk, MergesOverEpochsUntilNothingIsLeft) {
  this->sum({{"x", "5"}, {"y", "1"}, {"z", ""}});
  this->sum({{"x", "-2"}, {"z", "4"}});
  auto three = this->disk().snapshot();
  this->sum({{"x", "-3"}, {"z", "-4"}});
  EXPECT_EQ(this->get("sums", "x"), std::nullopt);
  EXPECT_THAT(rows_of(*this->disk().snapshot(), "sums"), ElementsAre(Pair("y", "1")));
  EXPECT_THAT(rows_of(*three, "sums"), ElementsAre(Pair("x", "3"), Pair("y", "1"), Pair("z", "4")));
  this->sum({{"x", "7"}});
  three.reset();
  this->home_.reopen();
  EXPECT_EQ(this->get("sums", "x"), "7");
}

TYPED_TEST(StoreDisk, RefusesWhatBreaksItsRules) {
  auto ingestion = this->disk().ingest();
  EXPECT_THROW(ingestion->put("a", "1"), std::logic_error);
  EXPECT_THROW(ingestion->begin("unheard of"), std::logic_error);
  ingestion->begin("rows");
  ingestion->put("b", "1");
  EXPECT_THROW(ingestion->put("b", "2"), std::logic_error);
  EXPECT_THROW(ingestion->put("a", "1"), std::logic_error);
  EXPECT_THROW(ingestion->merge("c", "1"), std::logic_error);
  ingestion->begin("sums");
  EXPECT_THROW(ingestion->begin("rows"), std::logic_error);
  std::string value;
  EXPECT_THROW(this->disk().snapshot()->get("unheard of", "a", value), Damaged);
  EXPECT_THROW(this->disk().snapshot()->iterate("unheard of", {}, {}), Damaged);
}

TYPED_TEST(StoreDisk, ClearsEverythingUnderARunningReader) {
  this->put({{"a", "1"}});
  this->sum({{"s", "1"}});
  auto before = this->disk().snapshot();
  this->disk().clear();
  EXPECT_THAT(rows_of(*before, "rows"), ElementsAre(Pair("a", "1")));
  for (int round = 0; round < 2; ++round) {
    for (std::string_view family : {"rows", "sums", "meta"}) {
      EXPECT_TRUE(rows_of(*this->disk().snapshot(), family).empty());
    }
    before.reset();
    this->home_.reopen();
  }
  this->put({{"b", "2"}});
  EXPECT_THAT(rows_of(*this->disk().snapshot(), "rows"), ElementsAre(Pair("b", "2")));
}

TYPED_TEST(StoreDisk, HoldsWhatATwinHolds) {
  uint64_t seed = 20101201;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  std::map<std::string, std::string> rows;
  std::map<std::string, int64_t> sums;
  for (int round = 0; round < 60; ++round) {
    auto ingestion = this->disk().ingest();
    ingestion->begin("rows");
    for (int i = 0; i < 200; ++i) {
      std::string key = std::to_string(1000 + i);
      switch (random() % 6) {
        case 0:
          ingestion->put(key, rows[key] = std::to_string(random()));
          break;
        case 1:
          ingestion->remove(key), rows.erase(key);
          break;
      }
    }
    ingestion->begin("sums");
    for (int i = 0; i < 200; ++i) {
      if (random() % 4) continue;
      int64_t by = static_cast<int64_t>(random() % 7) - 3;
      sums[std::to_string(1000 + i)] += by;
      ingestion->merge(std::to_string(1000 + i), by == 0 ? "" : std::to_string(by));
    }
    ingestion->commit();
    ingestion.reset();
    if (round % 20 == 10) this->home_.reopen();
    if (round % 7 && round != 59) continue;
    Rows expected(rows.begin(), rows.end());
    ASSERT_EQ(rows_of(*this->disk().snapshot(), "rows"), expected);
    expected.clear();
    for (const auto& [key, value] : sums) {
      if (value) expected.emplace_back(key, std::to_string(value));
    }
    ASSERT_EQ(rows_of(*this->disk().snapshot(), "sums"), expected);
  }
}

TEST(StoreRocksDbDisk, ReportsAMergeThatFailsAsDamage) {
  OnRocksDb home;
  for (std::string operand : {"1", "bad"}) {
    auto ingestion = home.disk->ingest();
    ingestion->begin("sums");
    ingestion->merge("x", operand);
    ingestion->commit();
  }
  std::string value;
  EXPECT_THROW(home.disk->snapshot()->get("sums", "x", value), Damaged);
  EXPECT_THROW(home.disk->snapshot()->iterate("sums", {}, {}), Damaged);
}

TEST(StoreRocksDbDisk, OpensWithMoreFamiliesButNotWithFewer) {
  test::TemporaryFolder folder;
  { RocksDbDisk disk(folder.path(), {{"rows", nullptr}}); }
  { RocksDbDisk disk(folder.path(), families()); }
  EXPECT_THROW(RocksDbDisk(folder.path(), {{"sums", add}}), UnknownFamily);
  EXPECT_THROW(RocksDbDisk(folder.path(), {{"sums", add}}), UnknownFamily);
  RocksDbDisk::remove(folder.path());
  RocksDbDisk(folder.path(), {{"sums", add}});
}

TEST(StoreRocksDbDisk, RefusesAFolderThatIsOpenAlready) {
  OnRocksDb home;
  EXPECT_THROW(RocksDbDisk(home.folder.path(), families()), Damaged);
}

TEST(StoreRocksDbDisk, KeepsSnapshotsBeyondItsOwnEnd) {
  OnRocksDb home;
  auto ingestion = home.disk->ingest();
  ingestion->begin("rows");
  ingestion->put("a", "1");
  ingestion->commit();
  ingestion.reset();
  auto snapshot = home.disk->snapshot();
  auto walk = snapshot->iterate("rows", {}, {});
  home.disk.reset();
  snapshot.reset();
  ASSERT_TRUE(walk->valid());
  EXPECT_EQ(walk->value(), "1");
}

}  // namespace
}  // namespace lode::store
