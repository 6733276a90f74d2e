// A generation on a disk that is kept, and the exchange of one for another between two entries.
#include "materialize/generation.h"

#include <gtest/gtest.h>

#include "event/json.h"
#include "materialize/current.h"
#include "property/borrowed_disk.h"
#include "property/engine.h"
#include "store/memory_disk.h"

namespace lode::materialize {
namespace {

constexpr int64_t kNoon = 1'500'000'000'000'000;

std::string purchase(uint64_t number) {
  std::string n = std::to_string(number);
  return R"({"event_id":"p)" + n +
         R"(","type":"purchase","occurred_at":"2011-01-05T08:26:00Z","order_id":"o)" + n +
         R"(","currency":"GBP","lines":[{"sku":"A","quantity":1,"unit_price":"2"},)" +
         R"({"sku":"POST","quantity":1,"unit_price":"5"}]})";
}

// An entry of one purchase.
struct Entry {
  Entry(const store::Hasher& hasher, uint64_t number, int64_t received) {
    event::JsonDecoder decoder;
    EXPECT_FALSE(decoder.decode_json(std::make_shared<const std::string>(purchase(number)), batch));
    keys.push_back(sequence::hash_key(hasher, batch.events.front()));
    entry.index = {number};
    entry.receive_time = {received};
    entry.slices.push_back({&batch, keys.data(), 0, 1});
  }
  event::EventBatch batch;
  std::vector<store::Hash96> keys;
  CommittedEntry entry;
};

class GenerationTest : public testing::Test {
 protected:
  std::shared_ptr<Generation> open(Ruleset under, const std::shared_ptr<store::Disk>& disk) {
    auto borrow = [&](const auto&) { return std::make_unique<test::BorrowedDisk>(disk); };
    return std::make_shared<Generation>(std::move(under), hasher, Settings{}, borrow);
  }
  static std::shared_ptr<store::Disk> make_disk() {
    return std::make_shared<store::MemoryDisk>(test::families());
  }
  void apply(Generation& into, uint64_t first, uint64_t last) const {
    for (uint64_t i = first; i <= last; ++i)
      into.materializer().apply(Entry(hasher, i, kNoon + static_cast<int64_t>(i)).entry, nullptr);
  }

  store::Hasher hasher{{1}};
  Ruleset rules = test::shipped_rules();
};

TEST_F(GenerationTest, RowsOfAnotherRulesetAreDropped) {
  auto disk = make_disk();
  auto first = open(rules, disk);
  apply(*first, 1, 3);
  first->materializer().checkpoint();
  Digests kept = first->materializer().state_hash().digests;
  first.reset();
  auto again = open(rules, disk);
  EXPECT_FALSE(again->dropped_rows());
  EXPECT_EQ(again->materializer().applied_entry().value, 3u);
  EXPECT_EQ(again->materializer().state_hash().digests, kept);
  again.reset();
  Ruleset other = rules;
  other.silver.fee_skus.clear();
  auto anew = open(other, disk);
  EXPECT_TRUE(anew->dropped_rows());
  EXPECT_EQ(anew->materializer().applied_entry().value, 0u);
  apply(*anew, 1, 3);
  EXPECT_NE(anew->materializer().state_hash().digests, kept);
}

TEST_F(GenerationTest, TheSameEntriesAreMarkedEverywhere) {
  auto one = open(rules, make_disk());
  auto kept = make_disk();
  auto other = open(rules, kept);
  apply(*one, 1, 40);
  apply(*other, 1, 20);
  other->materializer().checkpoint();
  other = open(rules, kept);
  EXPECT_TRUE(other->materializer().marks().empty());
  apply(*other, 21, 40);
  std::vector<Mark> marks = one->materializer().marks();
  ASSERT_EQ(marks.size(), 2u);
  EXPECT_EQ(marks[0].entry.value, 16u);
  EXPECT_EQ(marks[0].offset, 15);
  EXPECT_EQ(marks[1].entry.value, 32u);
  EXPECT_NE(marks[0].hash, marks[1].hash);
  EXPECT_EQ(other->materializer().marks(), std::vector<Mark>{marks[1]});
}

TEST_F(GenerationTest, OnlyTheLastMarksAreKept) {
  Marks marks;
  for (uint64_t i = 1; i <= 2 * Marks::kKept; ++i) marks.add({{i}, 0, {}});
  EXPECT_EQ(marks.all().size(), Marks::kKept);
  EXPECT_EQ(marks.all().front().entry.value, Marks::kKept + 1);
}

// Entries of several nodes, whose clocks differ, one behind the other.
TEST_F(GenerationTest, ReceiveTimesNeverGoBack) {
  auto generation = open(rules, make_disk());
  Materializer& materializer = generation->materializer();
  materializer.apply(Entry(hasher, 1, kNoon).entry, nullptr);
  materializer.apply(Entry(hasher, 2, kNoon - 5).entry, nullptr);
  EXPECT_EQ(materializer.position().record_micros, kNoon);
  materializer.apply(Entry(hasher, 3, kNoon + 5).entry, nullptr);
  EXPECT_EQ(materializer.position().record_micros, kNoon + 5);
}

TEST_F(GenerationTest, AnEventIsJudgedByTheTimeThatCounts) {
  Ruleset strict = rules;  // what comes from more than a second ahead is implausible
  strict.silver.latest_after_receive_micros = 1'000'000;
  constexpr int64_t kOccurred = 1'294'215'960'000'000;  // of every purchase
  auto rows = [&](int64_t before) {
    auto generation = open(strict, make_disk());
    generation->materializer().apply(Entry(hasher, 1, before).entry, nullptr);
    generation->materializer().apply(Entry(hasher, 2, kOccurred - 2'000'000).entry, nullptr);
    return generation->materializer().state_hash().digests;
  };
  EXPECT_EQ(rows(kOccurred), rows(kOccurred + 5)) << "the second one counts: the one before came later";
  EXPECT_NE(rows(kOccurred), rows(kOccurred - 2'000'000)) << "both are in quarantine";
}

TEST_F(GenerationTest, AnExchangeIsBetweenTwoEntries) {
  Applied applied;
  Ruleset other = rules;
  other.silver.fee_skus.clear();
  auto before = open(rules, make_disk()), next = open(other, make_disk());
  Current current(before, applied);
  for (uint64_t i = 1; i <= 4; ++i) EXPECT_TRUE(current.apply(Entry(hasher, i, kNoon).entry, nullptr));
  apply(*next, 1, 3);
  EXPECT_THROW(current.exchange(next, current.hold()), std::logic_error) << "it is behind";
  apply(*next, 4, 4);
  EXPECT_EQ(applied.get().offset, 3);
  current.exchange(next, current.hold());
  EXPECT_EQ(current.get(), next);
  EXPECT_TRUE(current.apply(Entry(hasher, 5, kNoon).entry, nullptr));
  EXPECT_EQ(applied.get().offset, 4);
  EXPECT_EQ(before->materializer().position().offset, 3) << "who reads it still sees what it was";
}

TEST_F(GenerationTest, EntriesThatCameWithTheStateAreSkipped) {
  Applied applied;
  Current current(open(rules, make_disk()), applied);
  bool reached = false;
  applied.wait(2, [&] { reached = true; });
  auto ahead = open(rules, make_disk());
  apply(*ahead, 1, 3);
  current.exchange(ahead, current.hold());
  EXPECT_TRUE(reached);
  for (uint64_t i = 1; i <= 3; ++i) EXPECT_FALSE(current.apply(Entry(hasher, i, kNoon).entry, nullptr));
  EXPECT_TRUE(current.apply(Entry(hasher, 4, kNoon).entry, nullptr));
  EXPECT_EQ(applied.get().offset, 3);
}

}  // namespace
}  // namespace lode::materialize
