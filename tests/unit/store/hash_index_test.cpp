#include "store/hash_index.h"

#include <gtest/gtest.h>

#include <mutex>
#include <vector>

#include "store/memory_disk.h"

namespace lode::store {
namespace {

uint64_t mixed(uint64_t number) {
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9u;
  number = (number ^ (number >> 27)) * 0x94d049bb133111ebu;
  return number ^ (number >> 31);
}

// Keys as a hash of their number: nothing needs to be kept to look them up again.
Hash96 key(uint64_t number) { return {mixed(number + 1), static_cast<uint32_t>(mixed(~number))}; }

IndexValue value(uint64_t number) { return {number * 3, number * 0x9e3779b97f4a7c15u}; }

class SharedDisk final : public Disk {
 public:
  explicit SharedDisk(std::shared_ptr<Disk> disk) : disk_(std::move(disk)) {}
  std::shared_ptr<const Snapshot> snapshot() const override { return disk_->snapshot(); }
  std::unique_ptr<Ingestion> ingest() override { return disk_->ingest(); }
  uint64_t disk_bytes() const override { return disk_->disk_bytes(); }
  void clear() override { disk_->clear(); }
  Checkpoint copy_to(const std::filesystem::path& folder) const override { return disk_->copy_to(folder); }
  void compact(const BeginMerge& begin, std::atomic<bool>& stop) override { disk_->compact(begin, stop); }

 private:
  std::shared_ptr<Disk> disk_;
};

TEST(HashIndex, FindsEveryKeyThroughEpochsGrowthAndReopening) {
  constexpr uint64_t kEpoch = 110'000;  // four of them outgrow the first filter
  constexpr uint64_t kEpochs = 5;
  std::shared_ptr<Disk> disk;
  uint64_t count = 0;
  {
    HashIndex index("ids", true);
    disk = std::make_shared<MemoryDisk>(index.families());
    State state(std::make_unique<SharedDisk>(disk), {&index});
    for (uint64_t epoch = 0; epoch < kEpochs; ++epoch) {
      {
        std::unique_lock lock(state.mutex());
        for (uint64_t i = 0; i < kEpoch; ++i, ++count) {
          if (count % 16 == 0) {
            ASSERT_FALSE(index.find(key(count)));
          }
          index.insert(key(count), value(count));
        }
      }
      state.end_epoch({.next_offset = count});
      std::shared_lock lock(state.mutex());
      for (uint64_t i = 0; i < count; i += 97) ASSERT_EQ(index.find(key(i)), value(i)) << i;
    }
    state.wait_flushed();
    EXPECT_EQ(index.size(), count);
  }
  HashIndex index("ids", true);
  State state(std::make_unique<SharedDisk>(disk), {&index});
  EXPECT_EQ(index.size(), count);
  // The filter is being built meanwhile; new keys must be in it too.
  std::unique_lock lock(state.mutex());
  for (uint64_t i = 0; i < count; i += 7) ASSERT_EQ(index.find(key(i)), value(i)) << i;
  for (uint64_t i = count; i < count + 50'000; ++i) {
    index.insert(key(i), value(i));
    ASSERT_EQ(index.find(key(i - 25'000)), value(i - 25'000));
  }
  for (uint64_t i = 0; i < count + 50'000; i += 11) ASSERT_EQ(index.find(key(i)), value(i)) << i;
  for (uint64_t i = 0; i < 1000; ++i) ASSERT_FALSE(index.find(key(count + 50'000 + i)));
}

TEST(HashIndex, WithoutContentKeepsTheOffsetAlone) {
  HashIndex index("orders", false);
  State state(std::make_unique<MemoryDisk>(index.families()), {&index});
  uint64_t largest = (uint64_t{1} << 48) - 1;
  {
    std::unique_lock lock(state.mutex());
    index.insert(key(1), {largest, 5});
    EXPECT_EQ(index.find(key(1)), (IndexValue{largest, 0}));
    EXPECT_THROW(index.insert(key(2), {largest + 1, 0}), std::logic_error);
  }
  state.end_epoch({});
  state.wait_flushed();
  EXPECT_EQ(index.find(key(1)), (IndexValue{largest, 0}));
}

}  // namespace
}  // namespace lode::store
