// Backups and what is restored from them, compared with the node that they were made of.
#include "admin/backup.h"

#include <gmock/gmock.h>

#include "admin/restore.h"
#include "data_folder.h"

namespace lode::admin {
namespace {

using testing::HasSubstr;

RestoreReport restore_to(const std::filesystem::path& backups, const std::filesystem::path& data_dir,
                         const RestorePoint& point = {}, std::optional<uint64_t> backup = {}) {
  const BackupFolder from(backups, BackupFolder::Open::to_read);
  return restore(from, {.data_dir = data_dir, .backup = backup, .point = point, .settle = nullptr}, {});
}

template <typename Error, typename Run>
std::string thrown(const Run& run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(BackupManifest, ReadsWhatItWrote) {
  BackupManifest manifest;
  manifest.id = 12;
  manifest.made_micros = -5;
  manifest.node = 3;
  manifest.cluster = "abc";
  manifest.secret_hash = 77;
  manifest.log_identity = "0b5c-1";
  manifest.log_format = manifest.state_format = 1;
  manifest.first_entry = 4;
  manifest.last_entry = 90;
  manifest.applied = {1000, 90, 123456, 0xabc};
  manifest.state = {900, 80, 123, 0xabc};
  manifest.folder = 2;
  manifest.files = {{"log/000001.blob", {10, {1, 2}}, {3, 4, 5}},
                    {"state/CURRENT", {0, {6, 7}}, {8, 9, -10}}};
  const std::string bytes = manifest.encode();
  EXPECT_EQ(BackupManifest::decode(bytes), manifest);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string broken = bytes;
    broken[i] = static_cast<char>(broken[i] ^ 1);
    EXPECT_THROW(BackupManifest::decode(broken), BadBackup) << i;
    EXPECT_THROW(BackupManifest::decode(bytes.substr(0, i)), BadBackup) << i;
  }
}

TEST(Backup, RestoresWhatItWasMadeOf) {
  const Folder folder;
  std::string hash;
  {
    SmallNode node(folder / "node");
    for (int i = 0; i < 20; ++i) node.add(10);
    EXPECT_EQ(node.back_up(folder / "backups").last_offset, 199);
    hash = node.hash();
    node.add(5);  // not in it
  }
  const RestoreReport report = restore_to(folder / "backups", folder / "restored");
  EXPECT_EQ(report.last_offset, 199);
  EXPECT_EQ(report.state_hash, hash);
  SmallNode restored(folder / "restored");
  EXPECT_EQ(restored.hash(), hash);
  restored.add(10);
  EXPECT_EQ(restored.offset(), 209);
}

// While an epoch is being written no other one can be ended, so asking once is not enough.
TEST(Backup, DoesNotWaitForAStateThatNobodyWrites) {
  const Folder folder;
  SmallNode node(folder / "node");
  for (int i = 0; i < 20; ++i) node.add(10);
  LiveData live = node.live();
  int asked = 0;
  live.make_durable = [&, end_epoch = live.make_durable] {
    if (++asked > 3) end_epoch();  // before that another one is being written
  };
  BackupFolder to(folder / "backups", BackupFolder::Open::to_write);
  const env::SystemClock clock;
  const auto begun = clock.steady_micros();
  EXPECT_EQ(create_backup(live, {}, to, clock, {}).last_offset, 199);
  EXPECT_GT(asked, 3);
  EXPECT_LT(clock.steady_micros() - begun, 15'000'000) << "it waited for its deadline";
  EXPECT_EQ(to.read(1).state.next_offset, 200u);
}

TEST(Backup, TheSecondOneCopiesWhatIsNew) {
  const Folder folder;
  SmallNode node(folder / "node");
  for (int i = 0; i < 300; ++i) node.add(100);
  const BackupReport first = node.back_up(folder / "backups");
  node.add(1);
  const BackupReport second = node.back_up(folder / "backups");
  EXPECT_NEAR(first.new_bytes, first.bytes, 1000) << "files of the same content are one";
  EXPECT_LT(second.new_bytes, first.bytes / 4);
  const BackupReport third = node.back_up(folder / "backups");
  EXPECT_LT(third.new_bytes, first.bytes / 4) << "nothing was written";
  EXPECT_EQ(restore_to(folder / "backups", folder / "one", {}, 1).last_offset, 29'999);
  EXPECT_EQ(restore_to(folder / "backups", folder / "two", {}, 2).last_offset, 30'000);
}

// Everything up to the point, compared with a node that never got more: in the middle of an entry, at its
// ends, before and behind where the state stands.
TEST(Backup, RestoresToAnyOffset) {
  const Folder folder;
  {
    SmallNode node(folder / "node");
    for (int i = 0; i < 6; ++i) node.add(10);
    node.checkpoint();
    for (int i = 0; i < 4; ++i) node.add(10);
    LiveData live = node.live();
    live.make_durable = [] {};  // the state stays behind the log
    live.durable = [&] { return node.live().applied(); };
    BackupFolder to(folder / "backups", BackupFolder::Open::to_write);
    env::SystemClock clock;
    create_backup(live, {}, to, clock, {});
  }
  for (const uint64_t offset : {0u, 34u, 59u, 60u, 73u, 99u}) {
    SCOPED_TRACE(offset);
    const std::string name = std::to_string(offset);
    SmallNode prefix(folder / ("prefix" + name));
    while (prefix.offset() < static_cast<int64_t>(offset))
      prefix.add(std::min<uint64_t>(10, offset - prefix.offset()));
    const RestoreReport report =
        restore_to(folder / "backups", folder / name, {.offset = offset, .micros = {}});
    EXPECT_EQ(report.last_offset, static_cast<int64_t>(offset));
    EXPECT_EQ(report.state_hash, prefix.hash());
    EXPECT_EQ(report.state_from, offset >= 59 ? "backup 1" : "the log");
    SmallNode restored(folder / name);
    EXPECT_EQ(restored.hash(), prefix.hash());
    restored.add(1);
    EXPECT_EQ(restored.offset(), static_cast<int64_t>(offset) + 1);
  }
  EXPECT_THAT(thrown<std::runtime_error>(
                  [&] { restore_to(folder / "backups", folder / "far", {.offset = 100, .micros = {}}); }),
              HasSubstr("ends with the record at offset 99"));
}

TEST(Backup, RestoresToATime) {
  const Folder folder;
  {
    SmallNode node(folder / "node");
    for (int i = 0; i < 5; ++i) node.add(10);
    node.back_up(folder / "backups");
  }
  auto at = [&](double second) {
    const auto micros = kFirstMicros + static_cast<int64_t>(second * 1e6);
    return restore_to(folder / "backups", folder / std::to_string(second), {.offset = {}, .micros = micros})
        .last_offset;
  };
  EXPECT_EQ(at(1), 9);
  EXPECT_EQ(at(3.5), 29);
  EXPECT_EQ(at(100), 49);
}

TEST(Backup, AStateOfAnEarlierBackupIsUsed) {
  const Folder folder;
  {
    SmallNode node(folder / "node");
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 5; ++j) node.add(10);
      node.back_up(folder / "backups");
    }
  }
  const RestoreReport report =
      restore_to(folder / "backups", folder / "restored", {.offset = 120, .micros = {}});
  EXPECT_EQ(report.last_offset, 120);
  EXPECT_EQ(report.state_from, "backup 2");
}

// A log that was restored goes its own way: what its folder's backups hold of the way before is another
// history.
TEST(Backup, AStateOfAnotherHistoryIsNotUsed) {
  const Folder folder;
  {
    SmallNode node(folder / "node");
    for (int backup = 0; backup < 2; ++backup) {
      for (int i = 0; i < 5; ++i) node.add(10);
      node.back_up(folder / "backups");
    }
  }
  restore_to(folder / "backups", folder / "again", {}, 1);
  SmallNode expected(folder / "expected");
  for (int i = 0; i < 5; ++i) expected.add(10);
  {
    SmallNode node(folder / "again");
    for (uint64_t i = 0; i < 8; ++i) {
      node.add_events({purchase(1000 + i), purchase(2000 + i)});
      if (i < 7) expected.add_events({purchase(1000 + i), purchase(2000 + i)});
    }
    node.back_up(folder / "backups");
  }
  const RestoreReport report =
      restore_to(folder / "backups", folder / "restored", {.offset = 63, .micros = {}});
  EXPECT_EQ(report.last_offset, 63);
  EXPECT_EQ(report.state_hash, expected.hash()) << "from " << report.state_from;
}

// What is in the folder goes; not what is to come into it.
TEST(Backup, IsNotLostByARestoreAroundIt) {
  const Folder folder;
  {
    SmallNode node(folder / "node");
    node.add(10);
    node.back_up(folder / "node" / "backups");
  }
  std::filesystem::create_directory_symlink(folder / "node", folder / "link");
  for (const auto& backups : {folder / "node" / "backups", folder / "link" / "backups"})
    for (const auto& data_dir : {folder / "node", folder / "link", folder / "node" / "backups"}) {
      const BackupFolder from(backups, BackupFolder::Open::to_read);
      EXPECT_THAT(
          thrown<std::runtime_error>([&] {
            restore(from, {.data_dir = data_dir, .backup = {}, .point = {}, .force = true, .settle = {}}, {});
          }),
          HasSubstr("the backups lie in"));
      ASSERT_EQ(from.ids().size(), 1U);
    }
  EXPECT_EQ(restore_to(folder / "node" / "backups", folder / "restored").last_offset, 9);
}

TEST(Backup, GoesIntoAnEmptyFolderOnly) {
  const Folder folder;
  {
    SmallNode node(folder / "node");
    node.add(10);
    node.back_up(folder / "backups");
    node.add(10);
  }
  EXPECT_THAT(thrown<std::runtime_error>([&] { restore_to(folder / "backups", folder / "node"); }),
              HasSubstr("is not empty"));
  const BackupFolder from(folder / "backups", BackupFolder::Open::to_read);
  EXPECT_EQ(
      restore(from, {.data_dir = folder / "node", .backup = {}, .point = {}, .force = true, .settle = {}}, {})
          .last_offset,
      9);
  EXPECT_EQ(SmallNode(folder / "node").offset(), 9);
}

// Ended at every step: what lies there is refused or unfinished, and the next try ends well.
TEST(Backup, GoesOnAfterBeingEndedAnywhere) {
  const Folder folder;
  SmallNode node(folder / "node");
  for (int i = 0; i < 20; ++i) node.add(10);
  for (int steps = 0;; ++steps) {
    int left = steps;
    const Watch watch{.progress = {}, .cancelled = [&] { return left-- == 0; }};
    try {
      BackupFolder to(folder / "backups", BackupFolder::Open::to_write);
      env::SystemClock clock;
      create_backup(node.live(), {}, to, clock, watch);
      break;
    } catch (const Cancelled&) {
      EXPECT_TRUE(BackupFolder(folder / "backups", BackupFolder::Open::to_read).ids().empty());
    }
  }
  for (int steps = 0;; ++steps) {
    int left = steps;
    const Watch watch{.progress = {}, .cancelled = [&] { return left-- == 0; }};
    try {
      const BackupFolder from(folder / "backups", BackupFolder::Open::to_read);
      restore(from,
              {.data_dir = folder / "restored",
               .backup = {},
               .point = {.offset = 77, .micros = {}},
               .settle = {}},
              watch);
      break;
    } catch (const Cancelled&) {
      EXPECT_FALSE(std::filesystem::exists(folder / "restored" / "log"));
    }
  }
  EXPECT_EQ(SmallNode(folder / "restored").offset(), 77);
}

TEST(Backup, DamageIsFoundAndNamed) {
  const Folder folder;
  {
    SmallNode node(folder / "node");
    for (int i = 0; i < 20; ++i) node.add(10);
    node.back_up(folder / "backups");
  }
  const BackupFolder from(folder / "backups", BackupFolder::Open::to_read);
  const BackupManifest manifest = from.read(1);
  for (const BackupFile& file : manifest.files) {
    if (file.content.size == 0) continue;
    SCOPED_TRACE(file.name);
    const auto path = from.path_of(file.content);
    flip(path, file.content.size / 2);
    const auto names_it = HasSubstr(file.content.name());
    EXPECT_THAT(thrown<BadBackup>([&] { check_backup(from, manifest, {}); }), names_it);
    EXPECT_THAT(thrown<BadBackup>([&] { restore_to(folder / "backups", folder / "restored"); }), names_it);
    flip(path, file.content.size / 2);
  }
  check_backup(from, manifest, {});
  std::filesystem::remove(from.path_of(manifest.files.front().content));
  EXPECT_THAT(thrown<BadBackup>([&] { check_backup(from, manifest, {}); }), HasSubstr("is missing"));
}

TEST(Backup, PruneKeepsTheNewest) {
  const Folder folder;
  SmallNode node(folder / "node");
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 20; ++j) node.add(50);
    node.back_up(folder / "backups");
  }
  BackupFolder to(folder / "backups", BackupFolder::Open::to_write);
  const auto would = to.prune(2, true);
  EXPECT_EQ(would.backups, (std::vector<uint64_t>{1, 2}));
  EXPECT_GT(would.bytes, 0u);
  EXPECT_EQ(to.ids().size(), 4u);
  const auto did = to.prune(2, false);
  EXPECT_EQ(did.bytes, would.bytes);
  EXPECT_EQ(to.ids(), (std::vector<uint64_t>{3, 4}));
  for (const uint64_t id : to.ids()) check_backup(to, to.read(id), {});
  EXPECT_EQ(to.prune(2, false).files, 0u);
  EXPECT_EQ(restore_to(folder / "backups", folder / "restored", {}, 3).last_offset, 2999);
}

TEST(BackupFolder, SaysWhatItIsNot) {
  const Folder folder;
  std::filesystem::create_directory(folder / "other");
  std::ofstream(folder / "other" / "notes.txt") << "mine";
  EXPECT_THAT(thrown<BadBackup>([&] { BackupFolder(folder / "other", BackupFolder::Open::to_write); }),
              HasSubstr("is not empty, and no folder of backups"));
  EXPECT_THAT(thrown<BadBackup>([&] { BackupFolder(folder / "none", BackupFolder::Open::to_read); }),
              HasSubstr("is no folder of backups"));
  const BackupFolder one(folder / "backups", BackupFolder::Open::to_write);
  EXPECT_THAT(
      thrown<std::runtime_error>([&] { BackupFolder(folder / "backups", BackupFolder::Open::to_write); }),
      HasSubstr("somebody else is at work"));
  EXPECT_THAT(thrown<BadBackup>([&] { restore_to(folder / "backups", folder / "x"); }),
              HasSubstr("holds no backup"));
}

}  // namespace
}  // namespace lode::admin
