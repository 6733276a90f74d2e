// Damaged logs put in order from other copies of them.
#include "admin/repair.h"

#include <gmock/gmock.h>

#include "admin/verify.h"
#include "data_folder.h"
#include "log/chunk.h"

namespace lode::admin {
namespace {

using testing::HasSubstr;

// A node that was started again: everything is in tables and payload files.
std::string fill(const std::filesystem::path& data_dir) {
  {
    SmallNode node(data_dir);
    for (int i = 0; i < 30; ++i) node.add(20);
  }
  return SmallNode(data_dir).hash();
}

std::filesystem::path payloads_in(const std::filesystem::path& data_dir) {
  return files_in(data_dir / "log", ".blob").back();
}

VerifyReport verified(const std::filesystem::path& data_dir) {
  const DataCopy copy(data_dir, "verify.tmp");
  return verify(copy, true, {});
}

TEST(Repair, AnEntryComesFromAnotherCopy) {
  const Folder folder;
  fill(folder / "node");
  std::filesystem::copy(folder / "node", folder / "other", std::filesystem::copy_options::recursive);
  const auto payloads = payloads_in(folder / "node");
  flip(payloads, std::filesystem::file_size(payloads) / 2);
  ASSERT_FALSE(verified(folder / "node").is_whole());
  {
    StoppedData data(folder / "node" / "log"), other(folder / "other" / "log");
    const auto nobody = repair_entries(data.log(), [](auto) { return std::nullopt; }, {});
    EXPECT_TRUE(nobody.mended.empty());
    ASSERT_EQ(nobody.left.size(), 1u);
    EXPECT_THAT(nobody.left.front().why, HasSubstr("nobody who was asked has this entry"));
    const auto done = repair_entries(
        data.log(), [&](record::EntryIndex index) { return other.log().read(kOnlyGroup, index); }, {});
    EXPECT_EQ(done.mended, (std::vector<uint64_t>{nobody.left.front().entry}));
    EXPECT_TRUE(done.left.empty());
  }
  const VerifyReport report = verified(folder / "node");
  EXPECT_TRUE(report.is_whole()) << json_of(report);
}

TEST(Repair, AChunkIsMadeAnewOfAnotherCopysEntries) {
  const Folder folder;
  fill(folder / "node");
  std::filesystem::copy(folder / "node", folder / "other", std::filesystem::copy_options::recursive);
  {
    StoppedData data(folder / "node" / "log");
    log::ChunkWriter writer(nullptr, 0, 3);
    data.log().scan(kOnlyGroup, {1}, [&](const log::StoredEntry& entry) {
      const log::EntryHead head{entry.index, entry.term, entry.type};
      if (entry.type == log::EntryType::batch) {
        const auto batch = record::RecordBatch::decode(entry.payload);
        std::vector<record::RecordView> records;
        for (uint32_t i = 0; i < batch.count(); ++i) records.push_back(batch[i]);
        writer.add(head, batch, records);
      } else {
        writer.add(head, entry.payload);
      }
      return true;
    });
    data.log().archive(kOnlyGroup, writer.encode());
    data.log().reclaim(kOnlyGroup);
  }
  { SmallNode again(folder / "node"); }  // everything is in files
  const auto payloads = payloads_in(folder / "node");
  flip(payloads, std::filesystem::file_size(payloads) / 2);
  ASSERT_FALSE(verified(folder / "node").is_whole());
  {
    StoppedData data(folder / "node" / "log"), other(folder / "other" / "log");
    const auto nobody = repair_entries(data.log(), [](auto) { return std::nullopt; }, {});
    EXPECT_TRUE(nobody.mended.empty());
    EXPECT_FALSE(nobody.chunks);
    EXPECT_THAT(nobody.left.front().why, HasSubstr("nobody who was asked has entry"));
    const auto done = repair_entries(
        data.log(), [&](record::EntryIndex index) { return other.log().read(kOnlyGroup, index); }, {});
    EXPECT_TRUE(done.left.empty());
    EXPECT_TRUE(done.chunks);
  }
  const VerifyReport report = verified(folder / "node");
  EXPECT_TRUE(report.is_whole()) << json_of(report);
}

TEST(Repair, AnotherEntryIsNotTaken) {
  const Folder folder;
  fill(folder / "node");
  const auto payloads = payloads_in(folder / "node");
  flip(payloads, std::filesystem::file_size(payloads) / 2);
  StoppedData data(folder / "node" / "log");
  const auto whole = data.log().read(kOnlyGroup, {1});
  auto offer = [&](log::StoredEntry entry) {
    const auto done = repair_entries(data.log(), [&](record::EntryIndex) { return entry; }, {});
    EXPECT_TRUE(done.mended.empty());
    return done.left.empty() ? "" : done.left.front().why;
  };
  EXPECT_THAT(offer(*whole), HasSubstr("is another entry")) << "of another index";
  const uint64_t damaged =
      repair_entries(data.log(), [](auto) { return std::nullopt; }, {}).left.front().entry;
  EXPECT_THAT(offer({{damaged}, {9}, whole->type, whole->payload}), HasSubstr("is another entry"))
      << "of another term";
  EXPECT_THAT(offer({{damaged}, {1}, whole->type, "nonsense"}), HasSubstr("is damaged, too"));
}

TEST(Repair, EntriesAndFilesComeFromABackup) {
  const Folder folder;
  std::string hash;
  {
    fill(folder / "node");
    SmallNode node(folder / "node");
    node.back_up(folder / "backups");
    node.add(5);
    hash = node.hash();
  }
  const BackupFolder from(folder / "backups", BackupFolder::Open::to_read);
  const BackupManifest manifest = from.read(1);
  std::filesystem::copy(folder / "node", folder / "whole", std::filesystem::copy_options::recursive);
  // Of the files: whatever is broken, and the log need not even open.
  for (const std::string extension : {".blob", ".sst"})
    for (const auto& file : files_in(folder / "node" / "log", extension))
      for (const int part : {1, 2, 3}) flip(file, std::filesystem::file_size(file) * part / 4);
  EXPECT_FALSE(verified(folder / "node").is_whole());
  EXPECT_FALSE(repair_files(folder / "node" / "log", from, manifest, {}).empty());
  EXPECT_TRUE(repair_files(folder / "node" / "log", from, manifest, {}).empty());
  const VerifyReport report = verified(folder / "node");
  EXPECT_TRUE(report.is_whole()) << json_of(report);
  EXPECT_EQ(report.last_offset >= 0 ? SmallNode(folder / "node").hash() : "", hash);
  // Of the entries.
  const auto payloads = payloads_in(folder / "whole");
  flip(payloads, std::filesystem::file_size(payloads) / 2);
  StoppedData data(folder / "whole" / "log");
  {
    const BackupEntries entries(from, manifest, folder / "scratch", secret_hash(data.log()));
    const auto done =
        repair_entries(data.log(), [&](record::EntryIndex index) { return entries.read(index); }, {});
    EXPECT_FALSE(done.mended.empty());
    EXPECT_TRUE(done.left.empty());
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "scratch"));
  check_backup(from, manifest, {});
  EXPECT_THROW(BackupEntries(from, manifest, folder / "scratch", 1), std::runtime_error) << "another shop's";
}

}  // namespace
}  // namespace lode::admin
