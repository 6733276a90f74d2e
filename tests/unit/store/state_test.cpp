#include "store/state.h"

#include <gtest/gtest.h>

#include <mutex>

#include "store/keyed_table.h"
#include "store/memory_disk.h"

namespace lode::store {
namespace {

TEST(Checkpoint, IsReadAsItWasWritten) {
  Checkpoint checkpoint{1, uint64_t{1} << 63, -5, 77};
  EXPECT_EQ(decode_checkpoint(encode_checkpoint(checkpoint)), checkpoint);
  EXPECT_EQ(decode_checkpoint(""), std::nullopt);
  EXPECT_EQ(decode_checkpoint(encode_checkpoint(checkpoint) + "x"), std::nullopt);
}

// Commits fail from the n-th on.
class FailingDisk final : public Disk {
 public:
  FailingDisk(std::vector<Family> families, int commits) : disk_(std::move(families)), commits_(commits) {}
  std::shared_ptr<const Snapshot> snapshot() const override { return disk_.snapshot(); }
  std::unique_ptr<Ingestion> ingest() override {
    if (commits_-- == 0) throw WriteFailed("the disk is full");
    return disk_.ingest();
  }
  uint64_t disk_bytes() const override { return disk_.disk_bytes(); }
  void clear() override { disk_.clear(); }
  Checkpoint copy_to(const std::filesystem::path& folder) const override { return disk_.copy_to(folder); }
  void compact(const BeginMerge& begin, std::atomic<bool>& stop) override { disk_.compact(begin, stop); }

 private:
  MemoryDisk disk_;
  int commits_;
};

TEST(State, KeepsReadingAfterAFailedFlushAndRefusesTheNextEpoch) {
  KeyedTable table("rows");
  State state(std::make_unique<FailingDisk>(table.families(), 1), {&table});
  state.give_up();  // as at the end of the process: no second try
  for (std::string key : {"a", "b", "c"}) {
    {
      std::unique_lock lock(state.mutex());
      table.put(key, key);
    }
    if (key == "c") {
      EXPECT_THROW(state.end_epoch({.next_offset = 3}), WriteFailed);
      EXPECT_THROW(state.wait_flushed(), WriteFailed);
    } else {
      state.end_epoch({.next_offset = key == "a" ? 1u : 2u});
    }
  }
  EXPECT_EQ(state.checkpoint().next_offset, 1u);
  std::string value;
  for (std::string key : {"a", "b", "c"}) EXPECT_TRUE(table.get(key, value)) << key;
}

TEST(State, EndsEpochsInWhichNothingChanged) {
  KeyedTable table("rows");
  State state(std::make_unique<MemoryDisk>(table.families()), {&table});
  state.end_epoch({.next_offset = 5});
  state.end_epoch({.next_offset = 9, .ruleset_hash = 3});
  state.wait_flushed();
  EXPECT_EQ(state.checkpoint(), (Checkpoint{.next_offset = 9, .ruleset_hash = 3}));
  state.clear();
  EXPECT_EQ(state.checkpoint(), Checkpoint{});
}

}  // namespace
}  // namespace lode::store
