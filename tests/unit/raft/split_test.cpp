#include "raft/split.h"

#include <gtest/gtest.h>

namespace lode::raft {
namespace {

using log::EntryType;

AppendEntries message_of(std::vector<EntryType> types) {
  AppendEntries out{{7}, {10}, {3}, {12}, {}};
  uint64_t term = 3;
  for (const EntryType type : types) out.entries.push_back({{++term}, type, "x", {}});
  return out;
}

TEST(Split, AMessageWithoutAChangeStaysWhole) {
  for (const size_t count : {0u, 1u, 3u}) {
    const auto parts = split_at_changes(message_of(std::vector(count, EntryType::batch)));
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(parts[0].entries.size(), count);
    EXPECT_EQ(parts[0].prev_index.value, 10u);
    EXPECT_EQ(parts[0].leader_commit.value, 12u);
  }
}

TEST(Split, AChangeBeginsAPart) {
  const auto parts = split_at_changes(
      message_of({EntryType::batch, EntryType::change, EntryType::batch, EntryType::change}));
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].entries.size(), 1u);
  EXPECT_EQ(parts[1].entries.size(), 2u);
  EXPECT_EQ(parts[1].prev_index.value, 11u);
  EXPECT_EQ(parts[1].prev_term.value, 4u);
  EXPECT_EQ(parts[2].entries.size(), 1u);
  EXPECT_EQ(parts[2].prev_index.value, 13u);
  EXPECT_EQ(parts[2].prev_term.value, 6u);
  for (const auto& part : parts) EXPECT_EQ(part.term.value, 7u);
}

TEST(Split, AChangeInFrontDoesNotSplit) {
  EXPECT_EQ(split_at_changes(message_of({EntryType::change, EntryType::batch})).size(), 1u);
}

}  // namespace
}  // namespace lode::raft
