// Nodes that are told the same log, in which rulesets are announced, take each other's place, and are taken
// back: killed and started again anywhere, slow and fast, they have at each entry the rows that a node makes
// that had that ruleset from the first entry on.
#include <gtest/gtest.h>

#include <random>

#include "property/silver_stream.h"
#include "property/succession_node.h"

namespace lode::test {
namespace {

using materialize::Ruleset;

const std::vector<std::string> kFees{"A", "B", "POST", "none"};

struct History {
  std::vector<LogEntry> entries;    // from 1
  std::vector<size_t> in_force;     // by entry: number of the ruleset after it
  std::vector<std::string> hashes;  // by entry: of the rows then
};

// A plain model of the controls.
History history_of(uint32_t seed, int entries) {
  twin::Stream stream(seed);
  std::vector<Ruleset> rules;
  for (const std::string& fee : kFees) rules.push_back(rules_with(fee));
  History out;
  size_t active = 0;
  std::optional<std::pair<size_t, uint64_t>> next;  // ruleset, announced at
  out.entries.push_back({});
  out.in_force.push_back(active);
  for (int i = 1; i <= entries; ++i) {
    const auto index = static_cast<uint64_t>(i);
    const int dice = stream.below(24);
    const auto any = static_cast<size_t>(stream.below(static_cast<int>(kFees.size())));
    if (dice <= 1) {
      out.entries.push_back(announce_of(rules[any]));
      next.reset();
      if (any != active) next = {any, index};
    } else if (dice <= 3 && next) {
      const bool stale = stream.below(4) == 0;
      out.entries.push_back(switch_to(rules[next->first], stale ? next->second - 1 : next->second));
      if (!stale) active = std::exchange(next, std::nullopt)->first;
    } else if (dice == 4) {
      out.entries.push_back(level_of(1 + any % 2));
    } else if (dice == 5) {
      out.entries.push_back({log::EntryType::no_op, ""});
    } else {
      std::vector<std::string> events;
      for (int n = 1 + stream.below(3); n > 0; --n) events.push_back(twin::json_of(stream.event()));
      out.entries.push_back(batch_of(events));
    }
    out.in_force.push_back(active);
  }
  return out;
}

void add_hashes(History& history) {
  const store::Hasher hasher{{1}};
  materialize::EntryDecoder decoder(hasher);
  std::vector<std::vector<std::string>> by_rules;
  for (const std::string& fee : kFees) {
    auto open = [](const auto&) { return std::make_unique<store::MemoryDisk>(families()); };
    materialize::Generation generation(rules_with(fee), hasher, {}, open);
    std::vector<std::string>& hashes = by_rules.emplace_back(1);
    for (size_t i = 1; i < history.entries.size(); ++i) {
      const auto& [type, payload] = history.entries[i];
      generation.materializer().apply(decoder.decode({i}, type, payload)->entry, nullptr);
      hashes.push_back(generation.materializer().state_hash().digests.all().hex());
    }
  }
  for (size_t i = 0; i < history.entries.size(); ++i)
    history.hashes.push_back(by_rules[history.in_force[i]][i]);
}

// How often the rows are brought onto the disk, and the process dies.
struct Way {
  uint32_t epoch_events = 1'000'000;
  int kills = 0;  // of 100 entries
};

void run(const History& history, Way way, uint32_t seed) {
  std::mt19937 random(seed);
  auto below = [&](uint64_t n) { return random() % n; };
  Node node(rules_with(kFees[0]), {.epoch_events = way.epoch_events});
  node.start(0);
  for (size_t i = 1; i < history.entries.size(); ++i) node.append(history.entries[i]);
  for (uint64_t at = 1; at < history.entries.size(); ++at) {
    ASSERT_TRUE(node.step());
    ASSERT_EQ(node.entry(), at);
    ASSERT_EQ(node.hash(), history.hashes[at]) << "at entry " << at;
    if (below(5) == 0) node.succession->tidy();
    const auto dice = static_cast<int>(below(100));
    if (dice >= way.kills) continue;
    const std::string controls = node.succession->controls().encode();
    if (dice % 4 == 0) {
      node.stop();
    } else {
      node.kill();
    }
    node.start(at);
    ASSERT_EQ(node.entry(), at);
    ASSERT_EQ(node.hash(), history.hashes[at]) << "at entry " << at << ", after a start";
    ASSERT_EQ(node.succession->controls().encode(), controls) << "what was said before counts again";
  }
  node.succession->tidy();
  EXPECT_LE(node.folders.numbers().size(), 2u);
}

TEST(Succession, EveryNodeHasTheSameRowsAtEveryEntry) {
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    History history = history_of(seed, 120);
    add_hashes(history);
    run(history, {}, seed);
    run(history, {.epoch_events = 3}, seed);
    run(history, {.epoch_events = 7, .kills = 20}, seed);
    run(history, {.epoch_events = 40, .kills = 60}, seed);
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace lode::test
