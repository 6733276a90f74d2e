// What every log promises (log/log.h), on the memory log and the RocksDB log alike.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include "conformance/log_homes.h"

namespace lode::log {
namespace {

TYPED_TEST_SUITE(LogConformance, Homes);
using Texts = std::vector<std::string>;

TYPED_TEST(LogConformance, ANewLogIsEmpty) {
  EXPECT_EQ(this->log().first_index({0}).value, 1u);
  EXPECT_EQ(this->log().last_index({0}).value, 0u);
  EXPECT_EQ(this->payload_at(1), "none");
  EXPECT_EQ(this->payloads_from(1), Texts{});
  EXPECT_EQ(this->log().get_meta("term"), std::nullopt);
}

TYPED_TEST(LogConformance, WhatWasAppendedIsRead) {
  this->append(1, {"a", "b"});
  this->append(3, {std::string(100'000, 'c')});
  EXPECT_EQ(this->log().last_index({0}).value, 3u);
  EXPECT_EQ(this->payload_at(2), "b");
  EXPECT_EQ(this->payload_at(3), std::string(100'000, 'c'));
  EXPECT_EQ(this->payload_at(4), "none");
  EXPECT_EQ(this->payload_at(0), "none");
}

TYPED_TEST(LogConformance, TermAndTypeComeBackAndAnyBytesAreAPayload) {
  const std::string bytes("\0\xff\n", 3);
  const std::vector<Entry> entries{{{1}, {1ull << 63}, EntryType::change, bytes},
                                   {{2}, {7}, EntryType::no_op, ""},
                                   {{3}, {7}, EntryType::barrier, ""}};
  this->log().append({0}, entries);
  for (const Entry& entry : entries) {
    const auto stored = this->log().read({0}, entry.index);
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->index, entry.index);
    EXPECT_EQ(stored->term, entry.term);
    EXPECT_EQ(stored->type, entry.type);
    EXPECT_EQ(stored->payload, entry.payload);
  }
}

TYPED_TEST(LogConformance, AScanStartsAnywhereAndStopsWhenToldTo) {
  this->append(1, {"a", "b", "c", "d"});
  EXPECT_EQ(this->payloads_from(0), (Texts{"a", "b", "c", "d"}));
  EXPECT_EQ(this->payloads_from(3), (Texts{"c", "d"}));
  EXPECT_EQ(this->payloads_from(5), Texts{});
  int visited = 0;
  this->log().scan({0}, {1}, [&](const StoredEntry&) { return ++visited < 2; });
  EXPECT_EQ(visited, 2);
}

TYPED_TEST(LogConformance, AScanMayCallTheLog) {
  this->append(1, {"a", "b"});
  this->log().scan({0}, {1}, [&](const StoredEntry& entry) {
    EXPECT_EQ(this->payload_at(entry.index.value), entry.payload);
    this->append(this->log().last_index({0}).value + 1, {"later"});
    return true;
  });
  EXPECT_GE(this->log().last_index({0}).value, 4u);
}

TYPED_TEST(LogConformance, AGapIsRefusedAndNothingIsTaken) {
  this->append(1, {"a"});
  EXPECT_THROW(this->append(3, {"c"}), std::logic_error);
  EXPECT_THROW(this->append(0, {"z"}), std::logic_error);
  const std::vector<Entry> with_gap{{{2}, {1}, EntryType::batch, "b"}, {{4}, {1}, EntryType::batch, "d"}};
  EXPECT_THROW(this->log().append({0}, with_gap), std::logic_error);
  EXPECT_EQ(this->payloads_from(1), Texts{"a"});
}

TYPED_TEST(LogConformance, AppendingNothingDoesNothing) {
  this->append(1, {});
  EXPECT_EQ(this->log().last_index({0}).value, 0u);
}

TYPED_TEST(LogConformance, AnAppendInTheMiddleReplacesTheSuffix) {
  this->append(1, {"a", "b", "c", "d"});
  this->append(2, {"B"}, 2);
  EXPECT_EQ(this->log().last_index({0}).value, 2u);
  EXPECT_EQ(this->payloads_from(1), (Texts{"a", "B"}));
  EXPECT_EQ(this->payload_at(3), "none");
  EXPECT_EQ(this->log().read({0}, {2})->term.value, 2u);
  this->append(3, {"C", "D", "E"}, 2);
  EXPECT_EQ(this->payloads_from(1), (Texts{"a", "B", "C", "D", "E"}));
  this->append(1, {"x"}, 3);
  EXPECT_EQ(this->payloads_from(1), Texts{"x"});
}

TYPED_TEST(LogConformance, APrefixCanBeDropped) {
  this->append(1, {"a", "b", "c", "d"});
  this->log().truncate_prefix({0}, {3});
  EXPECT_EQ(this->log().first_index({0}).value, 3u);
  EXPECT_EQ(this->log().last_index({0}).value, 4u);
  EXPECT_EQ(this->payload_at(2), "none");
  EXPECT_EQ(this->payloads_from(1), (Texts{"c", "d"}));
  EXPECT_THROW(this->append(2, {"b"}), std::logic_error);
  this->log().truncate_prefix({0}, {2});  // back is nowhere
  EXPECT_EQ(this->log().first_index({0}).value, 3u);
  this->append(3, {"C"});
  EXPECT_EQ(this->payloads_from(1), Texts{"C"});
}

TYPED_TEST(LogConformance, TheSizeOfWhatIsThereIsKnown) {
  constexpr uint64_t kStep = 1 << 20;
  EXPECT_EQ(this->log().payload_bytes({0}), 0u);
  EXPECT_EQ(this->log().last_beyond({0}, 0).value, 0u);
  for (uint64_t i = 1; i <= 400; ++i) this->append(i, {std::string(50'000 + i, 'x')});
  const uint64_t all = 400 * 50'000 + 400 * 401 / 2;
  EXPECT_EQ(this->log().payload_bytes({0}), all);
  EXPECT_EQ(this->log().last_beyond({0}, all + 1).value, 0u);
  for (uint64_t kept : {all - 3 * kStep, 5 * kStep, kStep}) {
    const uint64_t cut = this->log().last_beyond({0}, kept).value;
    ASSERT_GT(cut, 0u);
    const uint64_t left = (400 - cut) * 50'000 + (400 * 401 - cut * (cut + 1)) / 2;
    EXPECT_GE(left, kept);
    EXPECT_LE(left, kept + kStep + 50'400);
    this->log().truncate_prefix({0}, {cut / 2});  // drops what does not matter
  }
  const uint64_t first = this->log().first_index({0}).value;
  const uint64_t there = (401 - first) * 50'000 + (400 * 401 - first * (first - 1)) / 2;
  EXPECT_NEAR(static_cast<double>(this->log().payload_bytes({0})), static_cast<double>(there), 2.0 * kStep);
}

TYPED_TEST(LogConformance, WhatIsReplacedCountsNoMore) {
  for (uint64_t i = 1; i <= 100; ++i) this->append(i, {std::string(100'000, 'x')});
  this->append(51, {std::string(100'000, 'y')}, 2);
  EXPECT_LE(this->log().payload_bytes({0}), 51 * 100'000u);
  EXPECT_GE(this->log().payload_bytes({0}), 51 * 100'000u - (1u << 20) - 100'000u);
  this->log().truncate_suffix({0}, {31});
  EXPECT_LE(this->log().payload_bytes({0}), 30 * 100'000u);
  EXPECT_LE(this->log().last_beyond({0}, 1).value, 30u);
  this->log().truncate_prefix({0}, {200});
  EXPECT_LE(this->log().payload_bytes({0}), 1u << 20);
}

TYPED_TEST(LogConformance, ASuffixCanBeDropped) {
  this->append(1, {"a", "b", "c", "d"});
  this->log().truncate_suffix({0}, {5});  // nothing is there
  EXPECT_EQ(this->payloads_from(1), (Texts{"a", "b", "c", "d"}));
  this->log().truncate_suffix({0}, {3});
  EXPECT_EQ(this->log().last_index({0}).value, 2u);
  EXPECT_EQ(this->payloads_from(1), (Texts{"a", "b"}));
  EXPECT_EQ(this->payload_at(3), "none");
  this->append(3, {"C"}, 2);
  EXPECT_EQ(this->payloads_from(1), (Texts{"a", "b", "C"}));
  this->log().truncate_prefix({0}, {2});
  EXPECT_THROW(this->log().truncate_suffix({0}, {1}), std::logic_error);
  this->log().truncate_suffix({0}, {2});
  EXPECT_EQ(this->log().first_index({0}).value, 2u);
  EXPECT_EQ(this->log().last_index({0}).value, 1u);
  this->append(2, {"B"}, 3);
  EXPECT_EQ(this->payloads_from(1), Texts{"B"});
}

TYPED_TEST(LogConformance, HeadersAreScannedAlone) {
  const std::vector<Entry> entries{{{1}, {1}, EntryType::change, "conf"},
                                   {{2}, {1}, EntryType::batch, std::string_view("b")},
                                   {{3}, {4}, EntryType::no_op, ""}};
  this->log().append({0}, entries);
  this->log().append({1}, std::vector<Entry>{{{1}, {9}, EntryType::batch, "another group"}});
  std::vector<std::string> seen;
  auto note = [&](const EntryHead& head) {
    seen.push_back(std::to_string(head.index.value) + "@" + std::to_string(head.term.value) + "/" +
                   std::to_string(static_cast<int>(head.type)));
    return head.index.value < 3;
  };
  this->log().scan_headers({0}, {0}, note);
  EXPECT_EQ(seen, (Texts{"1@1/3", "2@1/1", "3@4/2"}));
  seen.clear();
  this->log().scan_headers({0}, {3}, note);
  EXPECT_EQ(seen, Texts{"3@4/2"});
  seen.clear();
  this->log().scan_headers({0}, {4}, note);
  EXPECT_EQ(seen, Texts{});
}

TYPED_TEST(LogConformance, AllOfItCanBeDroppedAndTheLogGoesOnFromThere) {
  this->append(1, {"a", "b"});
  this->log().truncate_prefix({0}, {3});
  EXPECT_EQ(this->log().first_index({0}).value, 3u);
  EXPECT_EQ(this->log().last_index({0}).value, 2u);
  this->append(3, {"c"});
  EXPECT_EQ(this->payloads_from(1), Texts{"c"});
  this->log().truncate_prefix({0}, {100});  // a snapshot from elsewhere takes its place
  EXPECT_EQ(this->log().last_index({0}).value, 99u);
  this->append(100, {"z"});
  EXPECT_EQ(this->payloads_from(1), Texts{"z"});
}

TYPED_TEST(LogConformance, GroupsDoNotMeet) {
  this->append(1, {"a", "b"}, 1, {0});
  this->append(1, {"x", "y", "z"}, 1, {1});
  this->append(1, {"last"}, 1, {0xffffffff});
  this->append(2, {"Y"}, 2, {1});
  this->log().truncate_prefix({0}, {2});
  EXPECT_EQ(this->payloads_from(1, {0}), Texts{"b"});
  EXPECT_EQ(this->payloads_from(1, {1}), (Texts{"x", "Y"}));
  EXPECT_EQ(this->payloads_from(1, {0xffffffff}), Texts{"last"});
  EXPECT_EQ(this->log().last_index({2}).value, 0u);
}

TYPED_TEST(LogConformance, MetaIsKeptAndReplaced) {
  this->log().put_meta("term", "1");
  this->log().put_meta("", std::string("\0", 1));
  this->log().put_meta("format", "mine");  // no name is taken
  this->log().put_meta("term", "2");
  EXPECT_EQ(this->log().get_meta("term"), "2");
  EXPECT_EQ(this->log().get_meta(""), std::string("\0", 1));
  EXPECT_EQ(this->log().get_meta("format"), "mine");
  EXPECT_EQ(this->log().get_meta("ter"), std::nullopt);
}

TYPED_TEST(LogConformance, RandomWritesMatchAPlainModel) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::map<uint64_t, std::string> model;
  uint64_t first = 1, last = 0;
  for (int round = 0; round < 300; ++round) {
    if (random() % 20 == 0) {
      const uint64_t kept = first + random() % (last - first + 2);
      this->log().truncate_prefix({0}, {kept});
      first = std::max(first, kept);
      last = std::max(last, first - 1);
      model.erase(model.begin(), model.lower_bound(first));
    } else {
      const uint64_t from = random() % 4 && last >= first ? last + 1 : first + random() % (last - first + 2);
      Texts texts(1 + random() % 5);
      for (size_t i = 0; i < texts.size(); ++i) texts[i] = std::to_string(round) + "/" + std::to_string(i);
      this->append(from, texts);
      model.erase(model.lower_bound(from), model.end());
      for (size_t i = 0; i < texts.size(); ++i) model[from + i] = texts[i];
      last = from + texts.size() - 1;
    }
    ASSERT_EQ(this->log().first_index({0}).value, first);
    ASSERT_EQ(this->log().last_index({0}).value, last);
    const uint64_t at = first + random() % 10;
    ASSERT_EQ(this->payload_at(at), model.contains(at) ? model[at] : "none");
  }
  Texts expected;
  for (const auto& [index, text] : model) expected.push_back(text);
  EXPECT_EQ(this->payloads_from(1), expected);
}

// Readers look while one thread appends, replaces suffixes and drops prefixes: they see whole entries, in
// order.
TYPED_TEST(LogConformance, ReadersSeeWholeEntriesWhileTheLogIsWritten) {
  std::atomic<bool> done = false;
  auto text = [](uint64_t index, uint64_t term) {
    return std::to_string(index) + "@" + std::to_string(term);
  };
  std::thread reader([&] {
    while (!done) {
      const uint64_t last = this->log().last_index({0}).value;
      if (const auto entry = this->log().read({0}, {last})) {
        EXPECT_EQ(entry->payload, text(entry->index.value, entry->term.value));
      }
      uint64_t expected = 0;
      this->log().scan({0}, {1}, [&](const StoredEntry& entry) {
        EXPECT_EQ(entry.payload, text(entry.index.value, entry.term.value));
        EXPECT_TRUE(expected == 0 || entry.index.value == expected) << entry.index.value;
        expected = entry.index.value + 1;
        return true;
      });
    }
  });
  for (uint64_t term = 1; term <= 60; ++term) {
    const uint64_t from = this->log().last_index({0}).value + 1 - (term % 3 == 0 ? 2 : 0);
    this->append(from, {text(from, term), text(from + 1, term), text(from + 2, term)}, term);
    if (term % 20 == 0) this->log().truncate_prefix({0}, {from});
  }
  done = true;
  reader.join();
}

}  // namespace
}  // namespace lode::log
