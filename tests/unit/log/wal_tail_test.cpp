// The files are RocksDB's own, so that a change of its format is noticed.
#include "log/wal_tail.h"

#include <gtest/gtest.h>

#include "log_folder.h"

namespace lode::log {
namespace {

using Kind = WalTail::Kind;

// The write-ahead log of a process that was killed: no close has tidied it up. Appends of these sizes; also
// gives the length of the whole records after each of them.
struct Killed {
  std::string file;
  std::vector<uint64_t> ends;
};

Killed killed_after(const std::vector<size_t>& sizes) {
  LogFolder folder;
  Killed out;
  RocksDbLog log({.path = folder.path()});
  for (size_t i = 0; i < sizes.size(); ++i) {
    const std::string payload(sizes[i], static_cast<char>('a' + i));
    const Entry entry{{i + 1}, {1}, EntryType::batch, payload};
    log.append({0}, {&entry, 1});
    out.file = folder.read_wal();
    out.ends.push_back(find_wal_tail(out.file).whole_bytes);
  }
  return out;
}

TEST(WalTail, AnEmptyOrZeroFileIsClean) {
  EXPECT_EQ(find_wal_tail("").kind, Kind::clean);
  const WalTail zeros = find_wal_tail(std::string(100'000, '\0'));
  EXPECT_EQ(zeros.kind, Kind::clean);
  EXPECT_EQ(zeros.whole_bytes, 0u);
}

TEST(WalTail, WholeWritesAreAllFound) {
  const Killed killed = killed_after({100, 40'000, 200, 100'000, 10});
  EXPECT_EQ(find_wal_tail(killed.file).kind, Kind::clean);
  for (size_t i = 1; i < killed.ends.size(); ++i) EXPECT_GT(killed.ends[i], killed.ends[i - 1]);
  EXPECT_GT(killed.ends.back(), 140'000u);
}

TEST(WalTail, ALastWriteCutAnywhereIsCut) {
  const Killed killed = killed_after({300, 70'000});
  const uint64_t whole = killed.ends[0], end = killed.ends[1];
  for (uint64_t cut = whole + 1; cut < end; cut += cut < whole + 10 ? 1 : 997) {
    for (const bool zeros_behind : {false, true}) {
      std::string file = killed.file.substr(0, cut);
      if (zeros_behind) file.resize(killed.file.size() + 5000, '\0');
      const WalTail tail = find_wal_tail(file);
      EXPECT_EQ(tail.kind, Kind::cut) << cut;
      EXPECT_EQ(tail.whole_bytes, whole) << cut;
    }
  }
}

// Sectors reach the disk in any order: the end of a write may be there and its beginning not.
TEST(WalTail, ALastWriteWithAHoleIsCut) {
  const Killed killed = killed_after({300, 100'000});
  for (uint64_t at = killed.ends[0]; at + 512 < killed.ends[1]; at += 512) {
    std::string file = killed.file;
    file.replace(at, 512, 512, '\0');
    const WalTail tail = find_wal_tail(file);
    EXPECT_EQ(tail.kind, Kind::cut) << at;
    EXPECT_EQ(tail.whole_bytes, killed.ends[0]) << at;
  }
}

TEST(WalTail, DamageBeforeTheLastWriteIsDamage) {
  const Killed killed = killed_after({300, 70'000, 50, 60});
  for (uint64_t at = 0; at < killed.ends[2]; at += 487) {
    std::string file = killed.file;
    file[at] = static_cast<char>(file[at] ^ 0x10);
    EXPECT_EQ(find_wal_tail(file).kind, Kind::damaged) << at;
  }
}

}  // namespace
}  // namespace lode::log
