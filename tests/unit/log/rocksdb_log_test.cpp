// What only a log on disk does: it is there again after a start, and says what is wrong with its folder.
#include "log/rocksdb_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <atomic>
#include <thread>

#include "log/chunk.h"
#include "log/entry_key.h"
#include "log/rocksdb_open.h"
#include "log_folder.h"
#include "record/batch.h"

namespace lode::log {
namespace {

using testing::HasSubstr;

void append(Log& log, uint64_t index, std::string_view payload, record::GroupId group = {0}) {
  const Entry entry{{index}, {1}, EntryType::batch, payload};
  log.append(group, {&entry, 1});
}

std::string why_not_open(const LogFolder& folder) {
  try {
    RocksDbLog log({.path = folder.path()});
  } catch (const OpenFailed& failed) {
    return failed.what();
  }
  return "opened";
}

std::vector<std::string> payloads(const Log& log, record::GroupId group = {0}) {
  std::vector<std::string> out;
  log.scan(group, {1}, [&](const StoredEntry& entry) {
    out.push_back(entry.payload);
    return true;
  });
  return out;
}

TEST(RocksDbLog, IsThereAgainAfterAStart) {
  LogFolder folder;
  {
    RocksDbLog log({.path = folder.path()});
    append(log, 1, "a");
    append(log, 2, "b");
    append(log, 3, "c");
    append(log, 2, "B");
    append(log, 1, "x", {7});
    log.truncate_prefix({7}, {40});
    log.put_meta("term", "3");
  }
  RocksDbLog log({.path = folder.path()});
  EXPECT_EQ(payloads(log), (std::vector<std::string>{"a", "B"}));
  EXPECT_EQ(log.last_index({0}).value, 2u);
  EXPECT_EQ(log.first_index({7}).value, 40u);
  EXPECT_EQ(log.last_index({7}).value, 39u);
  EXPECT_EQ(log.get_meta("term"), "3");
}

// A copy of the files of an open log is what a kill -9 leaves: nothing was closed.
TEST(RocksDbLog, IsThereAfterAKill) {
  LogFolder folder, copy;
  RocksDbLog running({.path = folder.path()});
  for (uint64_t i = 1; i <= 20; ++i) append(running, i, std::string(i * 1000, 'x'));
  std::filesystem::copy(folder.path(), copy.path(), std::filesystem::copy_options::recursive);
  RocksDbLog log({.path = copy.path()});
  EXPECT_EQ(log.last_index({0}).value, 20u);
  EXPECT_EQ(payloads(log), payloads(running));
  append(log, 21, "on it goes");
  EXPECT_EQ(log.last_index({0}).value, 21u);
}

TEST(RocksDbLog, ComesBackFromFilesWhenTheWriteBufferWasFull) {
  LogFolder folder;
  const std::string payload(10'000, 'p');
  {
    RocksDbLog log({.path = folder.path(), .write_buffer_bytes = 64 << 10});
    for (uint64_t i = 1; i <= 100; ++i) append(log, i, payload);
  }
  RocksDbLog log({.path = folder.path()});
  EXPECT_FALSE(folder.files(".blob").empty());
  EXPECT_EQ(payloads(log), std::vector<std::string>(100, payload));
  EXPECT_GT(log.disk_bytes(), 1'000'000u);
}

TEST(RocksDbLog, ADroppedPrefixGivesTheDiskBack) {
  LogFolder folder;
  RocksDbLog log({.path = folder.path(), .write_buffer_bytes = 64 << 10});
  const std::string payload(10'000, 'p');
  for (uint64_t i = 1; i <= 200; ++i) append(log, i, payload);
  log.truncate_prefix({0}, {201});
  EXPECT_LT(log.disk_bytes(), 1'200'000u);
}

TEST(RocksDbLog, ADroppedPrefixMovesNothing) {
  LogFolder folder;
  constexpr uint64_t kEach = 25;  // what is in memory becomes one file at the next start
  for (uint64_t i = 1; i <= 8 * kEach; i += kEach) {
    RocksDbLog log({.path = folder.path()});
    for (uint64_t j = i; j < i + kEach; ++j) append(log, j, std::string(10'000, 'p'));
  }
  RocksDbLog log({.path = folder.path()});
  const auto before = folder.files(".blob");
  log.truncate_prefix({0}, {51});
  std::vector<std::string> made;
  for (const auto& file : folder.files(".blob"))
    if (std::find(before.begin(), before.end(), file) == before.end()) made.push_back(file);
  EXPECT_TRUE(made.empty()) << "payloads that stay were written again";
  EXPECT_EQ(before.size(), 8u);
  EXPECT_EQ(folder.files(".blob").size(), 6u);
  EXPECT_EQ(payloads(log).size(), 150u);
}

TEST(RocksDbLog, SizesAreKnownAgainAfterAStart) {
  LogFolder folder;
  uint64_t cut = 0;
  {
    RocksDbLog log({.path = folder.path()});
    for (uint64_t i = 1; i <= 300; ++i) append(log, i, std::string(30'000, 'p'));
    log.truncate_prefix({0}, {101});
    cut = log.last_beyond({0}, 3'000'000).value;
    EXPECT_NEAR(static_cast<double>(cut), 200 - 17, 20);
  }
  for (int start = 0; start < 3; ++start) {
    RocksDbLog log({.path = folder.path()});
    EXPECT_EQ(log.last_beyond({0}, 3'000'000).value, cut);
    EXPECT_NEAR(static_cast<double>(log.payload_bytes({0})), 6e6, 2.0 * (1 << 20));
  }
  RocksDbLog log({.path = folder.path()});
  append(log, 250, std::string(30'000, 'q'));
  EXPECT_LE(log.payload_bytes({0}), 30'000u * 150 + (1 << 20));
}

TEST(RocksDbLog, TwoCantShareAFolder) {
  LogFolder folder;
  RocksDbLog log({.path = folder.path()});
  EXPECT_THAT(why_not_open(folder), HasSubstr("another loded uses this data folder"));
}

TEST(RocksDbLog, ANewerFormatIsRefusedInASentence) {
  LogFolder folder;
  { RocksDbLog log({.path = folder.path()}); }
  {
    Database database = open_database({.path = folder.path()});
    const std::string version("\0\0\0\x05", 4);
    ASSERT_TRUE(database.db->Put({}, database.meta, "format", version).ok());
    rocksdb::ColumnFamilyHandle* unknown = nullptr;  // of that newer program
    ASSERT_TRUE(database.db->CreateColumnFamily({}, "terms", &unknown).ok());
    database.handles.push_back(unknown);
  }
  EXPECT_THAT(why_not_open(folder), HasSubstr("format version 5, written by a newer loded"));
}

TEST(RocksDbLog, AFolderThatCantBeMadeIsNamed) {
  try {
    RocksDbLog log({.path = "/proc/no/such/folder"});
    FAIL() << "opened";
  } catch (const OpenFailed& failed) {
    EXPECT_THAT(failed.what(), HasSubstr("/proc/no/such/folder"));
  }
}

TEST(RocksDbLog, ADamagedWriteAheadLogStopsTheStart) {
  LogFolder folder, copy;
  {
    RocksDbLog log({.path = folder.path()});
    for (uint64_t i = 1; i <= 5; ++i) append(log, i, std::string(2000, 'x'));
    std::filesystem::copy(folder.path(), copy.path(), std::filesystem::copy_options::recursive);
  }
  const auto wal = copy.files(".log").back();
  std::string bytes = LogFolder::read(wal);
  bytes[3000] = static_cast<char>(bytes[3000] ^ 1);
  LogFolder::write(wal, bytes);
  EXPECT_THAT(why_not_open(copy), HasSubstr("damaged on disk"));
}

TEST(RocksDbLog, ADamagedFileIsReportedWhenItIsRead) {
  LogFolder folder;
  {
    RocksDbLog log({.path = folder.path(), .write_buffer_bytes = 64 << 10});
    for (uint64_t i = 1; i <= 30; ++i) append(log, i, std::string(10'000, 'p'));
  }
  const auto blob = folder.files(".blob").front();
  std::string bytes = LogFolder::read(blob);
  bytes[5000] = static_cast<char>(bytes[5000] ^ 1);
  LogFolder::write(blob, bytes);
  RocksDbLog log({.path = folder.path()});
  EXPECT_THROW(payloads(log), record::Corruption);
  EXPECT_THROW(log.read({0}, {1}), record::Corruption);
  EXPECT_EQ(log.read({0}, {30})->payload, std::string(10'000, 'p'));
}

TEST(RocksDbLog, AMissingEntryIsReported) {
  LogFolder folder;
  {
    RocksDbLog log({.path = folder.path()});
    for (uint64_t i = 1; i <= 3; ++i) append(log, i, "x");
  }
  {
    Database database = open_database({.path = folder.path()});
    const std::string second("\0\0\0\0\0\0\0\0\0\0\0\x02", 12);
    ASSERT_TRUE(database.db->Delete({}, database.log, second).ok());
  }
  RocksDbLog log({.path = folder.path()});
  EXPECT_THROW(log.read({0}, {2}), record::Corruption);
  EXPECT_THROW(payloads(log), record::Corruption);
}

TEST(RocksDbLog, ChunksAreThereAfterAStartAndGiveTheDiskBack) {
  LogFolder folder;
  const RocksDbLogOptions options{.path = folder.path(), .write_buffer_bytes = 64 << 10};
  const std::string payload(10'000, 'p');
  const std::vector<std::string> all(200, payload);
  std::string version;
  {
    RocksDbLog log(options);
    for (uint64_t i = 1; i <= 200; ++i) append(log, i, payload);
  }
  {
    Database database = open_database(options);
    ASSERT_TRUE(database.db->Get({}, database.meta, "format", &version).ok());
    EXPECT_EQ(version, fixed32(1)) << "a program that knows no chunks can read it";
  }
  for (int round = 0; round < 2; ++round) {
    RocksDbLog log(options);
    EXPECT_EQ(payloads(log), all);
    const uint64_t first = round * 90 + 1;
    ChunkWriter writer(nullptr, 0, 1);
    for (uint64_t i = first; i < first + 90; ++i) writer.add({{i}, {1}, EntryType::batch}, payload);
    log.archive({0}, writer.encode());
    EXPECT_EQ(payloads(log), all);
    log.reclaim({0});
  }
  RocksDbLog log(options);
  EXPECT_EQ(payloads(log), all);
  EXPECT_EQ(log.last_archived({0}).value, 180u);
  EXPECT_LT(log.payload_bytes({0}), 2'000'000u);
  EXPECT_LT(log.disk_bytes(), 1'500'000u);
}

// Also what is in the write-ahead log alone, with buffers that are not full for long.
TEST(RocksDbLog, GivesTheRoomOfArchivedEntriesBackAtOnce) {
  LogFolder folder;
  RocksDbLog log({.path = folder.path()});
  const std::string payload(10'000, 'p');
  ChunkWriter writer(nullptr, 0, 1);
  for (uint64_t i = 1; i <= 500; ++i) {
    append(log, i, payload);
    writer.add({{i}, {1}, EntryType::batch}, payload);
  }
  const uint64_t before = log.disk_bytes();
  EXPECT_GT(before, 5'000'000u);
  log.archive({0}, writer.encode());
  log.reclaim({0});
  EXPECT_LT(log.disk_bytes(), before / 4);
  EXPECT_EQ(payloads(log).size(), 500u);
}

// Where a restore ends, wherever that is.
TEST(RocksDbLog, IsCutWithinAChunk) {
  for (const uint64_t from : {1, 2, 7, 10, 11, 15, 21, 25, 31}) {
    LogFolder folder;
    std::vector<std::string> expected;
    {
      RocksDbLog log({.path = folder.path()});
      std::vector<Entry> entries;
      for (uint64_t i = 1; i <= 30; ++i) expected.push_back("payload " + std::to_string(i));
      for (uint64_t i = 1; i <= 30; ++i) entries.push_back({{i}, {3}, EntryType::control, expected[i - 1]});
      log.append({0}, entries);
      for (const uint64_t first : {1, 11}) {
        ChunkWriter writer(nullptr, 0, 1);
        for (uint64_t i = first; i < first + 10; ++i)
          writer.add({{i}, {3}, EntryType::control}, expected[i - 1]);
        log.archive({0}, writer.encode());
      }
      log.cut({0}, {from});
    }
    expected.resize(from - 1);
    RocksDbLog log({.path = folder.path()});
    EXPECT_EQ(payloads(log), expected) << from;
    EXPECT_EQ(log.last_index({0}).value, from - 1);
    EXPECT_EQ(log.last_archived({0}).value, from > 20 ? 20u : from > 10 ? 10u : 0u) << from;
    const Entry next{{from}, {4}, EntryType::batch, "next"};
    log.append({0}, {&next, 1});
    EXPECT_EQ(log.read({0}, {from})->payload, "next");
  }
}

TEST(RocksDbLog, AFolderOfSomethingElseIsNotTaken) {
  LogFolder folder;
  {
    Database database = open_database({.path = folder.path()});
    ASSERT_TRUE(database.db->Put({}, database.hdr, "key", "value").ok());
    ASSERT_TRUE(database.db->Delete({}, database.meta, "format").ok());
  }
  EXPECT_THAT(why_not_open(folder), HasSubstr("no format version"));
}

// A copy is the log of one moment, however much is appended meanwhile.
TEST(RocksDbLog, IsCopiedBesideAppends) {
  LogFolder folder, copies;
  RocksDbLog log({.path = folder.path(), .write_buffer_bytes = 64 << 10});
  log.put_meta("term", "3");
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (uint64_t i = 1; !done; ++i) append(log, i, std::to_string(i) + std::string(i % 3000, 'p'));
  });
  for (int i = 0; i < 10; ++i) {
    const uint64_t least = log.last_index({0}).value;
    const std::string path = copies.path() + "/" + std::to_string(i);
    log.copy_to(path);
    const uint64_t most = log.last_index({0}).value;
    RocksDbLog copy({.path = path});
    const uint64_t last = copy.last_index({0}).value;
    EXPECT_GE(last, least);
    EXPECT_LE(last, most + 1);  // one may be on the disk and not told yet
    EXPECT_EQ(copy.get_meta("term"), "3");
    const auto entries = payloads(copy);
    ASSERT_EQ(entries.size(), last);
    for (uint64_t at = 1; at <= last; ++at)
      ASSERT_EQ(entries[at - 1], std::to_string(at) + std::string(at % 3000, 'p'));
    copy.check_files();
  }
  done = true;
  writer.join();
  EXPECT_THROW(log.copy_to(copies.path() + "/0"), std::runtime_error) << "it is there";
}

TEST(RocksDbLog, AMendedEntryStandsInItsPlace) {
  LogFolder folder;
  {
    RocksDbLog log({.path = folder.path()});
    for (uint64_t i = 1; i <= 3; ++i) append(log, i, std::to_string(i));
    const Entry entry{{2}, {1}, EntryType::batch, "two"};
    log.mend({0}, {&entry, 1});
    EXPECT_EQ(payloads(log), (std::vector<std::string>{"1", "two", "3"}));
    const Entry behind{{4}, {1}, EntryType::batch, "four"};
    EXPECT_THROW(log.mend({0}, {&behind, 1}), std::logic_error);
  }
  EXPECT_EQ(payloads(RocksDbLog({.path = folder.path()})), (std::vector<std::string>{"1", "two", "3"}));
}

}  // namespace
}  // namespace lode::log
