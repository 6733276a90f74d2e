// Random histories of upserts, orders, refunds and retries, compacted at random points, the process killed
// anywhere: what replay makes of the log stays, entry by entry, what it made of the log that was never
// compacted; and what became a gap is what a dumb twin says may go.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <shared_mutex>

#include "admin/compact_log.h"
#include "admin/comparison.h"
#include "property/compact_twin.h"
#include "property/disk_folders.h"
#include "property/succession_node.h"
#include "query/log_query.h"

namespace lode::admin {
namespace {

using materialize::Generation;
using test::kOnlyGroup;

constexpr int64_t kStart = 1'500'000'000'000'000;

// Ends a run at its n-th look; n < 0: never.
class Script final : public TaskControl {
 public:
  explicit Script(int looks = -1) : looks_(looks) {}
  bool cancelled() const override { return looks_ >= 0 && looks_-- <= 0 ? (looks_ = 0, true) : false; }
  bool stopping() const override { return true; }
  void progress(const Progress&) override {}
  void remember(std::string_view memo) override { last = memo; }
  std::string last;

 private:
  mutable int looks_;
};

class CompactTest : public testing::Test {
 protected:
  void begin(uint32_t seed) {
    shop = std::make_unique<twin::Shop>(seed);
    start();
  }
  void start() {
    succession = nullptr;
    folders = std::make_unique<test::DiskFolders>(hasher, materialize::Settings{.epoch_events = 20});
    succession = std::make_unique<materialize::Succession>(
        materialize::Succession::Place{log, kOnlyGroup, hasher, *folders, [] { return true; },
                                       [](const std::string&) {}},
        rules, applied);
    succession->keep();
    succession->replay([](record::EntryIndex) { return true; });
  }
  void append(log::EntryType type, const std::string& payload) {
    const log::Entry added{{entry() + 1}, {1}, type, payload};
    log.append(kOnlyGroup, {&added, 1});
    never.append(kOnlyGroup, {&added, 1});
    materialize::EntryDecoder decoder(hasher);
    ASSERT_TRUE(succession->current().apply(decoder.decode(added.index, type, payload)->entry, nullptr));
    hashes.push_back(hash());
  }
  void step() {
    std::vector<std::string> events;
    for (int n = 1 + shop->below(5); n > 0; --n) events.push_back(shop->event());
    const auto [type, payload] = test::batch_of(events, kStart + 1'000'000 * static_cast<int64_t>(entry()));
    append(type, payload);
    if (shop->below(15) == 0) retry();
  }
  // Of a quarantined record, as it is.
  void retry() {
    std::optional<uint64_t> offset;
    {
      std::shared_lock lock(serving().state().mutex());
      serving().tables().scan_quarantined(0, [&](uint64_t found, const silver::QuarantineRow&) {
        offset = found;
        return shop->below(3) != 0;
      });
    }
    if (!offset) return;
    const query::LogSource source{serving().state(), log, serving().index(), [this] {
                                    return query::Position{serving().materializer().position().offset, 0};
                                  }};
    const auto answer = query::query_log_record(source, *offset, {});
    const std::string json = query::text_of(std::get<query::Result>(answer).rows.at(0).at(3));
    record::BatchWriter writer;
    writer.add(record::RecordView{event::Format::json, json, "", static_cast<int64_t>(*offset), {}});
    append(log::EntryType::batch, writer.encode({kStart + 1'000'000 * static_cast<int64_t>(entry())}));
  }

  CompactPlace place() {
    return {.log = log,
            .group = kOnlyGroup,
            .hasher = hasher,
            .succession = *succession,
            .decide =
                [this](const record::Control& control) { append(log::EntryType::control, control.encode()); },
            .raise_floor =
                [this](record::EntryIndex wanted, bool) {
                  return CompactPlace::Floor{std::min(wanted, floor), wanted > floor ? "a test" : ""};
                },
            .free_bytes = [this] { return free_bytes; },
            .reserved_bytes = 1};
  }
  std::string compact(std::string_view parameters, TaskControl& control, std::string_view memo = "") {
    return run_compact_log(place(), std::get<CompactRequest>(parse_compact(parameters)), memo, control);
  }
  uint64_t entry() { return log.last_index(kOnlyGroup).value; }
  Generation& serving() { return *succession->current().get(); }
  std::string hash() { return serving().materializer().state_hash().digests.all().hex(); }

  std::unique_ptr<Generation> replay(const log::Log& of, const materialize::Ruleset& under,
                                     std::vector<std::string>* by_entry) {
    auto open = [](const auto& families) { return std::make_unique<store::MemoryDisk>(families); };
    auto anew = std::make_unique<Generation>(under, hasher, materialize::Settings{}, open);
    materialize::EntryDecoder decoder(hasher);
    of.scan(kOnlyGroup, {1}, [&](const log::StoredEntry& stored) {
      anew->materializer().apply(decoder.decode(stored.index, stored.type, stored.payload)->entry, nullptr);
      if (by_entry) by_entry->push_back(anew->materializer().state_hash().digests.all().hex());
      return true;
    });
    return anew;
  }
  void expect_replay_is_the_same() {
    std::vector<std::string> by_entry;
    const auto anew = replay(log, rules, &by_entry);
    ASSERT_EQ(by_entry.size(), hashes.size());
    for (size_t i = 0; i < hashes.size(); ++i) ASSERT_EQ(by_entry[i], hashes[i]) << "entry " << i + 1;
    Script control;
    const std::string report = compare(*anew, serving(), {}, control);
    EXPECT_TRUE(report.starts_with("{\"same\":true")) << report.substr(0, 2000);
    expect_same_counters(*anew, serving());
    // Every id is still known, with what it was: sent again, everything is a duplicate or a conflict.
    EXPECT_EQ(anew->ids().size(), serving().ids().size());
  }
  static void expect_same_counters(const Generation& a, const Generation& b) {
    const auto text = [](const Generation& of) {
      std::string out;
      for (const auto& [source, counts] : of.tables().quality().all())
        for (const auto& count : counts)
          out += source + std::to_string(count.seen) + "," + std::to_string(count.changed) + "," +
                 std::to_string(count.quarantined) + ";";
      return out;
    };
    EXPECT_EQ(text(a), text(b));
  }
  std::set<uint64_t> gaps() {
    std::set<uint64_t> out;
    log.scan(kOnlyGroup, {1}, [&](const log::StoredEntry& stored) {
      if (stored.type != log::EntryType::batch) return true;
      const auto batch = record::RecordBatch::decode(stored.payload);
      std::optional<sequence::IndexedEntry> row;
      std::shared_lock lock(serving().state().mutex());
      serving().index().scan({0}, [&](const sequence::IndexedEntry& one) {
        if (one.entry == stored.index) row = one;
        return one.entry < stored.index;
      });
      uint64_t offset = row ? row->base.value : 0;
      for (uint32_t i = 0; row && i < batch.count(); ++i) {
        if (!row->without_offset.empty() && row->without_offset[i]) continue;
        if (batch[i].gap) out.insert(offset);
        ++offset;
      }
      return true;
    });
    return out;
  }

  const store::Hasher hasher{{1}};
  const materialize::Ruleset rules = test::shipped_rules();
  log::MemoryLog log, never;  // compacted, and not
  std::unique_ptr<test::DiskFolders> folders;
  materialize::Applied applied;
  std::unique_ptr<materialize::Succession> succession;
  std::unique_ptr<twin::Shop> shop;
  std::vector<std::string> hashes;  // by entry
  record::EntryIndex floor{UINT64_MAX};
  uint64_t free_bytes = UINT64_MAX / 2;
};

TEST_F(CompactTest, ReplayMakesTheSameAtEveryEntryHoweverOftenItIsCompactedAndKilled) {
  const auto seed = std::random_device()();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  begin(seed);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 50; ++i) step();
    std::string memo, result;
    for (int run = 0; result.empty(); ++run) {
      Script control(run < 6 ? shop->below(1 << shop->below(9)) : -1);
      floor.value = shop->below(3) ? UINT64_MAX : entry() / 2;
      const std::string before =
          shop->below(3) ? "" : R"(,"before":")" + std::to_string(shop->below(200)) + '"';
      result = compact(R"({"dry_run":false)" + before + "}", control, memo);
      if (!control.last.empty()) memo = control.last;
      for (int i = shop->below(4); i > 0; --i) step();
      if (shop->below(2)) start();  // the process, too
    }
    expect_replay_is_the_same();
  }
  floor.value = UINT64_MAX;
  Script control;
  compact("{}", control);
  EXPECT_GT(gaps().size(), 20u) << "of " << serving().materializer().next_offset().value << " records";
  EXPECT_EQ(log.last_archived(kOnlyGroup).value + 1, entry());
  expect_replay_is_the_same();
}

TEST_F(CompactTest, WhatGoesIsWhatAPlainTwinSays) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  begin(seed);
  for (int i = 0; i < 120; ++i) step();
  twin::Superseded twin;
  const query::LogSource source{serving().state(), log, serving().index(), [this] {
                                  return query::Position{serving().materializer().position().offset, 0};
                                }};
  const auto answer = query::query_log(source, {{"limit", "10000"}, {"include", "contact"}});
  for (const auto& row : std::get<query::Result>(answer).rows) {
    std::string json = query::text_of(row.at(3));
    if (const std::string contact = query::text_of(row.at(5)); !contact.empty())
      json = json.substr(0, json.size() - 1) + "," + contact.substr(1);
    twin.add(static_cast<uint64_t>(std::get<int64_t>(row.at(0))), json,
             std::holds_alternative<int64_t>(row.at(4)));
  }
  Script control;
  compact("{}", control);
  EXPECT_EQ(gaps(), twin.superseded());
  EXPECT_GT(gaps().size(), 5u);
  // Readers see the gaps in their place, and every other record at its own.
  const auto after = query::query_log(source, {{"limit", "10000"}});
  uint64_t next = 0;
  std::set<uint64_t> seen;
  for (const auto& row : std::get<query::Result>(after).rows) {
    const query::Gap* gap = query::gap_of(row);
    ASSERT_EQ(gap ? gap->from : static_cast<uint64_t>(std::get<int64_t>(row[0])), next);
    for (next = gap ? gap->from : next; gap && next <= gap->to; ++next) seen.insert(next);
    if (!gap) ++next;
  }
  EXPECT_EQ(seen, gaps());
  EXPECT_EQ(next, serving().materializer().next_offset().value);
}

TEST_F(CompactTest, ADryRunSaysWhatTheRealOneDoes) {
  begin(9);
  for (int i = 0; i < 120; ++i) step();
  Script control;
  const uint64_t last = entry();
  const std::string said = compact(R"({"dry_run":true})", control);
  EXPECT_TRUE(gaps().empty());
  EXPECT_EQ(entry(), last);
  EXPECT_EQ(log.last_archived(kOnlyGroup).value, 0u);
  compact("{}", control);
  EXPECT_NE(said.find("\"dropped_records\":" + std::to_string(gaps().size()) + ","), std::string::npos)
      << said;
  const std::string again = compact("{}", control);
  EXPECT_NE(again.find("\"dropped_records\":0,\"repeated_items\":0,\"chunks\":0,"), std::string::npos)
      << again;
}

TEST_F(CompactTest, AFullDiskHoldsItBackAndNothingIsLost) {
  begin(11);
  for (int i = 0; i < 60; ++i) step();
  free_bytes = 0;
  Script control;
  const std::string held = compact("{}", control);
  EXPECT_NE(held.find("ingest.reserved_disk_bytes"), std::string::npos) << held;
  EXPECT_EQ(log.last_archived(kOnlyGroup).value, 0u);
  EXPECT_TRUE(succession->compactions().any_open());
  free_bytes = UINT64_MAX / 2;
  compact(R"({"decided":true})", control);
  EXPECT_FALSE(succession->compactions().any_open());
  EXPECT_GT(gaps().size(), 0u);
  expect_replay_is_the_same();
}

TEST_F(CompactTest, UnderAnotherRulesetItIsTheSameToo) {
  begin(5);
  for (int i = 0; i < 200; ++i) step();
  Script control;
  compact("{}", control);
  ASSERT_GT(gaps().size(), 10u);
  materialize::Ruleset other = rules;
  other.silver.switched_off =
      silver::bit(silver::Rule::trim_text) | silver::bit(silver::Rule::upper_case_sku);
  std::vector<std::string> with, without;
  replay(log, other, &with);
  replay(never, other, &without);
  EXPECT_EQ(with, without);
}

}  // namespace
}  // namespace lode::admin
