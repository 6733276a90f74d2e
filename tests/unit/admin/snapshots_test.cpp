// Kept snapshots of the state, and a replay that begins meanwhile.
#include "admin/snapshots.h"

#include <gtest/gtest.h>

#include "data_folder.h"
#include "log/memory_log.h"

namespace lode::admin {
namespace {

using materialize::Bystander;

// On the disk, as a node's.
class DiskFolders final : public materialize::Folders {
 public:
  DiskFolders(std::filesystem::path data_dir, const store::Hasher& hasher)
      : data_dir_(std::move(data_dir)), hasher_(hasher) {}

  std::shared_ptr<materialize::Generation> open(const materialize::Ruleset& rules, uint64_t folder) override {
    return std::make_shared<materialize::Generation>(
        rules, hasher_, materialize::Settings{}, [&](const std::vector<store::Family>& families) {
          return std::make_unique<store::RocksDbDisk>(path(folder), families);
        });
  }
  void remove(uint64_t folder) override { std::filesystem::remove_all(path(folder)); }
  store::Checkpoint copy(const materialize::Generation& of, uint64_t folder) override {
    const store::Checkpoint at = of.state().copy_to(path(folder));
    if (auto run = std::exchange(copied, nullptr)) run();
    return at;
  }
  std::filesystem::path path(uint64_t folder) const override { return state_path(data_dir_, folder); }
  void sweep(const std::vector<uint64_t>&) override {}

  std::function<void()> copied;  // once, when files were copied and nobody was told yet

 private:
  const std::filesystem::path data_dir_;
  const store::Hasher& hasher_;
};

class Control final : public TaskControl {
 public:
  bool cancelled() const override { return cancel; }
  bool stopping() const override { return false; }
  void progress(const Progress&) override {}
  void remember(std::string_view memo) override { memos.emplace_back(memo); }

  bool cancel = false;
  std::vector<std::string> memos;
};

class SnapshotsTest : public testing::Test {
 protected:
  void SetUp() override {
    for (uint64_t i = 1; i <= 5; ++i) {
      record::BatchWriter writer;
      event::JsonDecoder decoder;
      event::EventBatch batch;
      ASSERT_FALSE(decoder.decode_json(std::make_shared<const std::string>(purchase(i)), batch));
      for (const event::Event& event : batch.events) writer.add(event);
      const std::string payload = writer.encode({kFirstMicros});
      const log::Entry entry{{i}, {1}, log::EntryType::batch, payload};
      log_.append(kOnlyGroup, {&entry, 1});
    }
    succession_.replay([](record::EntryIndex) { return true; });
  }

  const Folder folder_;
  const store::Hasher hasher_{std::array<uint8_t, 16>{}};
  env::SystemClock clock_;
  log::MemoryLog log_;
  DiskFolders folders_{folder_.path(), hasher_};
  materialize::Applied applied_;
  materialize::Succession succession_{
      {log_, kOnlyGroup, hasher_, folders_, [] { return true; }, [](const std::string&) {}},
      small_rules(),
      applied_};
  const ReplayPlace place_{log_, kOnlyGroup, hasher_, folders_, succession_, clock_};
};

// It puts away what replays before it left: not what is being made by somebody else.
TEST_F(SnapshotsTest, AReplayThatBeginsMeanwhileLeavesASnapshotAlone) {
  folders_.copied = [&] {
    Control cancelled;
    cancelled.cancel = true;
    EXPECT_EQ(run_replay(place_, {}, "", cancelled), "");
  };
  Control control;
  run_snapshot(place_, {}, control);
  const auto kept = succession_.bystanders().in(Bystander::Role::snapshot);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept.front().at.entry_index, 5U);
  EXPECT_EQ(store::RocksDbDisk::read_checkpoint(folders_.path(kept.front().folder)), kept.front().at);
}

// The folder that it had remembered is gone: the one that it takes instead is not whole before it says so.
TEST_F(SnapshotsTest, AReplayThatLostItsFolderPreparesAnotherOne) {
  Control control;
  run_replay(place_, {.cores = 1}, R"({"folder":99,"prepared":true,"copy":0,"from":0})", control);
  ASSERT_EQ(control.memos.size(), 2U);
  EXPECT_NE(control.memos[0].find(R"("prepared":false)"), std::string::npos) << control.memos[0];
  EXPECT_NE(control.memos[1].find(R"("prepared":true)"), std::string::npos) << control.memos[1];
}

}  // namespace
}  // namespace lode::admin
