// Filters over keys: where a scan goes on, and when it ends.
#include "gold/key_filter.h"

#include <gtest/gtest.h>

namespace lode::gold {
namespace {

KeyFilter any_of(uint32_t position, std::vector<uint32_t> words) {
  return {position, std::move(words), 0, ~0u, false};
}
KeyFilter range(uint32_t position, uint32_t from, uint32_t to) { return {position, {}, from, to, true}; }

TEST(KeyFilterTest, GoesOnAtTheLeastKeyThatCanMatch) {
  KeyFilters filters(3);
  filters.add(range(0, 10, 12));
  filters.add(any_of(1, {3, 7}));
  EXPECT_EQ(filters.next({0, 9, 9}), (Key{10, 3, 0}));
  EXPECT_EQ(filters.next({10, 3, 5}), (Key{10, 3, 5}));
  EXPECT_EQ(filters.next({10, 4, 5}), (Key{10, 7, 0}));
  EXPECT_EQ(filters.next({10, 8, 5}), (Key{11, 3, 0}));
  EXPECT_EQ(filters.next({12, 8, 0}), std::nullopt);
}

TEST(KeyFilterTest, AFilterThatNothingPassesEndsAtOnce) {
  for (const KeyFilter& none : {any_of(2, {}), range(2, 5, 4)}) {
    KeyFilters filters(3);
    filters.add(none);
    EXPECT_EQ(filters.next({}), std::nullopt);
    EXPECT_EQ(filters.exact(), std::nullopt);
  }
}

TEST(KeyFilterTest, KnowsTheOnlyKey) {
  KeyFilters filters(2);
  filters.add(any_of(0, {4}));
  EXPECT_EQ(filters.exact(), std::nullopt);
  filters.add(range(1, 6, 6));
  EXPECT_EQ(filters.exact(), (Key{4, 6}));
}

TEST(KeyFilterTest, TheLastWordsCarryOver) {
  KeyFilters filters(2);
  filters.add(any_of(1, {3}));
  EXPECT_EQ(filters.next({~0u, 4}), std::nullopt);
  EXPECT_EQ(filters.next({7, 4}), (Key{8, 3}));
}

}  // namespace
}  // namespace lode::gold
