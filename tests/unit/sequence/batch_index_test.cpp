#include "sequence/batch_index.h"

#include <gtest/gtest.h>

#include "store/memory_disk.h"

namespace lode::sequence {
namespace {

TEST(IndexedEntry, FindsTheItemOfAnOffset) {
  IndexedEntry whole{{10}, {3}, 4, {}};
  EXPECT_EQ(whole.item_of({10}), 0u);
  EXPECT_EQ(whole.item_of({13}), 3u);
  EXPECT_EQ(whole.item_of({14}), std::nullopt);
  EXPECT_EQ(whole.item_of({9}), std::nullopt);
  IndexedEntry holes{{10}, {3}, 4, {true, false, true, false}};
  EXPECT_EQ(holes.offset_count(), 2u);
  EXPECT_EQ(holes.item_of({10}), 1u);
  EXPECT_EQ(holes.item_of({11}), 3u);
  EXPECT_EQ(holes.item_of({12}), std::nullopt);
}

TEST(BatchIndex, FindsTheEntryOfAnOffsetBeforeAndAfterAnEpoch) {
  BatchIndex index;
  store::State state(std::make_unique<store::MemoryDisk>(index.table().families()), {&index.table()});
  auto check = [&] {
    EXPECT_EQ(index.find({0})->entry.value, 1u);
    EXPECT_EQ(index.find({2})->entry.value, 1u);
    EXPECT_EQ(index.find({3})->entry.value, 5u);
    EXPECT_EQ(index.find({4})->entry.value, 5u);
    EXPECT_FALSE(index.find({5}));
    EXPECT_EQ(index.find({4})->item_of({4}), 2u);
    std::vector<uint64_t> entries;
    index.scan({2}, [&](const IndexedEntry& entry) {
      entries.push_back(entry.entry.value);
      return true;
    });
    EXPECT_EQ(entries, (std::vector<uint64_t>{1, 5}));
    for (uint64_t kept : {0, 2}) EXPECT_EQ(index.last_before({kept}), record::EntryIndex{0});
    for (uint64_t kept : {3, 4}) EXPECT_EQ(index.last_before({kept}), record::EntryIndex{4});
    EXPECT_FALSE(index.last_before({5}));
  };
  index.add({{0}, {1}, 3, {}});
  index.add({{3}, {5}, 3, {false, true, false}});
  check();
  state.end_epoch({5, 5, 0, 0});
  state.wait_flushed();
  check();
}

}  // namespace
}  // namespace lode::sequence
