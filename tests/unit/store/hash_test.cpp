#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "store/filter_builder.h"
#include "store/hash96.h"
#include "store/hash_filter.h"
#include "store/hash_table.h"

namespace lode::store {
namespace {

Hash96 random_hash(std::mt19937_64& random) { return {random(), static_cast<uint32_t>(random())}; }

TEST(Hasher, TellsPairsApartByTheFirstLength) {
  Hasher hasher({1, 2, 3});
  EXPECT_EQ(hasher("ab", "c"), hasher("ab", "c"));
  EXPECT_NE(hasher("ab", "c"), hasher("a", "bc"));
  EXPECT_NE(hasher("", "abc"), hasher("abc", ""));
  EXPECT_NE(hasher("abc"), Hasher({9})("abc"));
  std::string large(5000, 'x');
  EXPECT_NE(hasher(large, "y"), hasher(large + "y", ""));
}

TEST(HashTable, FindsWhatWasInsertedAndSortsIt) {
  std::mt19937_64 random(1);
  HashTable table(2);
  std::map<Hash96, uint32_t> twin;
  for (uint32_t i = 0; i < 50'000; ++i) {
    Hash96 key = random_hash(random);
    uint32_t payload[2] = {i, i + 1};
    table.insert(key, payload);
    twin[key] = i;
  }
  EXPECT_EQ(table.size(), twin.size());
  for (const auto& [key, value] : twin) {
    const uint32_t* found = table.find(key);
    ASSERT_TRUE(found);
    EXPECT_EQ(found[0], value);
    EXPECT_EQ(found[1], value + 1);
  }
  EXPECT_FALSE(table.find(random_hash(random)));

  auto expected = twin.begin();
  table.for_each_sorted([&](const Hash96& key, const uint32_t* payload) {
    ASSERT_NE(expected, twin.end());
    EXPECT_EQ(key, expected->first);
    EXPECT_EQ(payload[0], expected->second);
    ++expected;
  });
  EXPECT_EQ(expected, twin.end());
}

TEST(HashTable, TakesKeysThatCrowdAtTheEnd) {
  auto crowded = [](uint64_t i) { return Hash96{~uint64_t{0} - (i << 52), 0}; };
  HashTable table(1);
  for (uint32_t i = 1; i <= 200; ++i) table.insert(crowded(i), &i);
  for (uint32_t i = 1; i <= 200; ++i) {
    const uint32_t* found = table.find(crowded(i));
    ASSERT_TRUE(found) << i;
    EXPECT_EQ(*found, i);
  }
}

TEST(HashFilter, NeverForgetsAndSeldomErrs) {
  std::mt19937_64 random(2);
  HashFilter filter(1 << 16);
  std::vector<uint64_t> keys(filter.capacity());
  for (uint64_t& key : keys) filter.insert(key = random());
  for (uint64_t key : keys) ASSERT_TRUE(filter.may_contain(key));
  int wrong = 0;
  for (int i = 0; i < 100'000; ++i) wrong += filter.may_contain(random());
  EXPECT_LT(wrong, 300);
}

TEST(FilterBuilder, HoldsWhatWasThereAndWhatCameMeanwhile) {
  std::mt19937_64 random(3);
  std::vector<uint64_t> before(100'000), meanwhile(20'000);
  for (uint64_t& key : before) key = random();
  for (uint64_t& key : meanwhile) key = random();
  FilterBuilder builder(before.size(), [&](const FilterBuilder::Add& add) {
    for (uint64_t key : before) {
      if (!add(key)) return;
    }
  });
  for (uint64_t key : meanwhile) builder.insert(key);
  std::unique_ptr<HashFilter> filter = builder.take();
  for (uint64_t key : before) ASSERT_TRUE(filter->may_contain(key));
  for (uint64_t key : meanwhile) ASSERT_TRUE(filter->may_contain(key));
}

TEST(FilterBuilder, StopsWhenItIsDropped) {
  FilterBuilder builder(1000, [](const FilterBuilder::Add& add) {
    while (add(1)) {
    }
  });
}

TEST(FilterBuilder, GivesBackWhatTheWalkThrew) {
  FilterBuilder builder(1000, [](const FilterBuilder::Add&) { throw std::runtime_error("unreadable"); });
  EXPECT_THROW(builder.take(), std::runtime_error);
}

}  // namespace
}  // namespace lode::store
