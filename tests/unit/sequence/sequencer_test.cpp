#include "sequence/sequencer.h"

#include <gtest/gtest.h>

#include "store/memory_disk.h"

namespace lode::sequence {
namespace {

class SequencerTest : public testing::Test {
 protected:
  // One entry of (event_id, content) pairs; what the items get as "verdict@offset".
  std::vector<std::string> sequence(const std::vector<std::pair<std::string, uint64_t>>& items,
                                    int64_t retry_of = -1) {
    event::EventBatch batch;
    std::vector<store::Hash96> keys;
    for (const auto& [id, content] : items) {
      event::Event event;
      event.event_id = id;
      event.content_hash = content;
      event.retry_of = retry_of;
      batch.events.push_back(event);
      keys.push_back(hash_key(hasher_, event));
    }
    Slice slice{&batch, keys.data(), 0, static_cast<uint32_t>(items.size())};
    std::vector<ItemVerdict> verdicts;
    sequencer_.sequence({++entry_}, {&slice, 1}, next_, verdicts);
    std::vector<std::string> out;
    for (const ItemVerdict& item : verdicts)
      out.push_back(std::string(1, "adc"[static_cast<int>(item.verdict)]) +
                    std::to_string(item.offset.value));
    return out;
  }
  using Strings = std::vector<std::string>;

  store::Hasher hasher_{{1, 2, 3}};
  store::HashIndex ids_{"ids", true};
  BatchIndex index_;
  std::vector<store::Family> families() {
    auto all = ids_.families();
    for (auto& family : index_.table().families()) all.push_back(family);
    return all;
  }
  store::State state_{std::make_unique<store::MemoryDisk>(families()), {&ids_, &index_.table()}};
  Sequencer sequencer_{ids_, index_};
  record::Offset next_{0};
  uint64_t entry_ = 0;
};

TEST_F(SequencerTest, DenseOffsetsInItemOrder) {
  EXPECT_EQ(sequence({{"a", 1}, {"b", 1}, {"c", 1}}), (Strings{"a0", "a1", "a2"}));
}

TEST_F(SequencerTest, DuplicatesNameTheFirstOffsetAndTakeNone) {
  EXPECT_EQ(sequence({{"a", 1}, {"a", 1}, {"b", 2}}), (Strings{"a0", "d0", "a1"}));
  EXPECT_EQ(sequence({{"b", 2}, {"c", 3}, {"a", 1}}), (Strings{"d1", "a2", "d0"}));
  EXPECT_EQ(index_.find({2})->item_of({2}), 1u);
}

TEST_F(SequencerTest, OtherContentIsAConflict) {
  EXPECT_EQ(sequence({{"a", 1}, {"a", 2}}), (Strings{"a0", "c0"}));
  EXPECT_EQ(sequence({{"a", 2}, {"a", 1}}), (Strings{"c0", "d0"}));
  EXPECT_EQ(next_.value, 1u);
}

TEST_F(SequencerTest, KnownAcrossEpochsAndEntriesWithoutOffsetsAreNotIndexed) {
  sequence({{"a", 1}});
  state_.end_epoch({1, 1, 0, 0});
  EXPECT_EQ(sequence({{"a", 1}}), (Strings{"d0"}));
  state_.wait_flushed();
  state_.end_epoch({1, 2, 0, 0});
  state_.wait_flushed();
  EXPECT_EQ(sequence({{"a", 1}, {"b", 1}}), (Strings{"d0", "a1"}));
  EXPECT_EQ(index_.find({1})->entry.value, 3u);
}

TEST_F(SequencerTest, RetriesAreOutsideTheIdCheck) {
  sequence({{"a", 1}});
  EXPECT_EQ(sequence({{"a", 1}}, 0), (Strings{"a1"}));
  EXPECT_EQ(sequence({{"a", 1}}), (Strings{"d0"}));
}

}  // namespace
}  // namespace lode::sequence
