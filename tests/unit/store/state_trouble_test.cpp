// A disk that fails for a while: the flush tries again, nothing is lost, nothing happens twice.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "store/keyed_table.h"
#include "store/memory_disk.h"
#include "store/state.h"

namespace lode::store {
namespace {

enum class Failure { before, after };  // the commit fails before or after it happened

class FlakyIngestion final : public Ingestion {
 public:
  FlakyIngestion(std::unique_ptr<Ingestion> inner, std::atomic<int>& failures, Failure kind)
      : inner_(std::move(inner)), failures_(failures), kind_(kind) {}
  void begin(std::string_view family) override { inner_->begin(family); }
  void put(std::string_view key, std::string_view value) override { inner_->put(key, value); }
  void merge(std::string_view key, std::string_view operand) override { inner_->merge(key, operand); }
  void remove(std::string_view key) override { inner_->remove(key); }
  void commit() override {
    bool fails = failures_.fetch_sub(1) > 0;
    if (fails && kind_ == Failure::before) throw WriteFailed("no space");
    inner_->commit();
    if (fails) throw WriteFailed("no answer");
  }

 private:
  std::unique_ptr<Ingestion> inner_;
  std::atomic<int>& failures_;
  Failure kind_;
};

class FlakyDisk final : public Disk {
 public:
  FlakyDisk(std::unique_ptr<Disk> inner, std::atomic<int>& failures, Failure kind)
      : inner_(std::move(inner)), failures_(failures), kind_(kind) {}
  std::shared_ptr<const Snapshot> snapshot() const override { return inner_->snapshot(); }
  std::unique_ptr<Ingestion> ingest() override {
    ++ingestions;
    return std::make_unique<FlakyIngestion>(inner_->ingest(), failures_, kind_);
  }
  uint64_t disk_bytes() const override { return inner_->disk_bytes(); }
  void clear() override { inner_->clear(); }
  Checkpoint copy_to(const std::filesystem::path& folder) const override { return inner_->copy_to(folder); }
  void compact(const BeginMerge& begin, std::atomic<bool>& stop) override { inner_->compact(begin, stop); }
  std::atomic<int> ingestions = 0;

 private:
  std::unique_ptr<Disk> inner_;
  std::atomic<int>& failures_;
  Failure kind_;
};

class StateTrouble : public testing::TestWithParam<Failure> {};

TEST_P(StateTrouble, AFailedCommitIsTriedAgainAndHappensOnce) {
  KeyedTable table("t");
  std::atomic<int> failures = 1;
  auto disk =
      std::make_unique<FlakyDisk>(std::make_unique<MemoryDisk>(table.families()), failures, GetParam());
  FlakyDisk& flaky = *disk;
  State state(std::move(disk), {&table});
  {
    std::unique_lock lock(state.mutex());
    table.put("k", "v");
  }
  state.end_epoch({1, 1, 0, 0});
  state.wait_flushed();
  EXPECT_EQ(state.checkpoint(), (Checkpoint{1, 1, 0, 0}));
  EXPECT_EQ(state.trouble(), "");
  EXPECT_EQ(flaky.ingestions, GetParam() == Failure::before ? 2 : 1) << "what happened is not done again";
  std::string value;
  EXPECT_TRUE(table.get("k", value));
}

INSTANTIATE_TEST_SUITE_P(Commit, StateTrouble, testing::Values(Failure::before, Failure::after));

TEST(StateGivenUp, MakesItAFailureAndTheOldCheckpointStands) {
  KeyedTable table("t");
  std::atomic<int> failures = 1'000'000;
  State state(
      std::make_unique<FlakyDisk>(std::make_unique<MemoryDisk>(table.families()), failures, Failure::before),
      {&table});
  {
    std::unique_lock lock(state.mutex());
    table.put("k", "v");
  }
  state.end_epoch({1, 1, 0, 0});
  while (state.trouble().empty()) std::this_thread::yield();
  EXPECT_EQ(state.trouble(), "no space");
  std::string value;
  {
    std::shared_lock lock(state.mutex());
    EXPECT_TRUE(table.get("k", value)) << "reads go on";
  }
  state.give_up();
  EXPECT_THROW(state.wait_flushed(), WriteFailed);
  EXPECT_EQ(state.checkpoint(), Checkpoint{});
}

}  // namespace
}  // namespace lode::store
