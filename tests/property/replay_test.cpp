// Replays of random histories, ended anywhere and begun again, beside a node that goes on applying: what
// serves in the end is, row by row, what a recompute from the log makes; and a state of the past is what a
// recompute of its records makes.
#include "admin/replay.h"

#include <gtest/gtest.h>

#include <random>

#include "admin/comparison.h"
#include "admin/past.h"
#include "admin/snapshots.h"
#include "admin/time_travel.h"
#include "property/disk_folders.h"
#include "property/silver_stream.h"
#include "property/succession_node.h"

namespace lode::admin {
namespace {

using materialize::Bystander;
using materialize::Generation;
using test::kOnlyGroup;

// Ends a run at its n-th look, as a stop does; n < 0: never.
class Script final : public TaskControl {
 public:
  explicit Script(int looks, bool cancel = false) : looks_(looks), cancel_(cancel) {}
  bool cancelled() const override { return looks_ >= 0 && looks_-- <= 0 ? (looks_ = 0, true) : false; }
  bool stopping() const override { return !cancel_; }
  void progress(const Progress& now) override { stages.push_back(now.stage); }
  void remember(std::string_view memo) override { last = memo; }
  std::string last;
  std::vector<std::string> stages;

 private:
  mutable int looks_;
  const bool cancel_;
};

class ReplayTest : public testing::Test {
 protected:
  static constexpr int64_t kStart = 1'500'000'000'000'000;

  ReplayTest() { start(); }
  void start() {
    succession = nullptr;
    succession = std::make_unique<materialize::Succession>(
        materialize::Succession::Place{log, kOnlyGroup, hasher, folders, [] { return true; },
                                       [](const std::string&) {}},
        rules, applied);
    succession->keep();
    succession->replay([](record::EntryIndex) { return true; });
  }
  ReplayPlace place() { return {log, kOnlyGroup, hasher, folders, *succession, clock}; }
  // One entry of a few events, appended and applied.
  void step(twin::Stream& stream) {
    std::vector<std::string> events;
    for (int n = 1 + stream.below(4); n > 0; --n) events.push_back(twin::json_of(stream.event()));
    const auto [type, payload] = test::batch_of(events, kStart + 1'000'000 * static_cast<int64_t>(entry()));
    const log::Entry added{{entry() + 1}, {1}, type, payload};
    log.append(kOnlyGroup, {&added, 1});
    materialize::EntryDecoder decoder(hasher);
    ASSERT_TRUE(succession->current().apply(decoder.decode(added.index, type, payload)->entry, nullptr));
  }
  uint64_t entry() { return log.last_index(kOnlyGroup).value; }
  Generation& serving() { return *succession->current().get(); }
  std::string hash() { return serving().materializer().state_hash().digests.all().hex(); }
  // From the log, up to an entry.
  std::unique_ptr<Generation> recompute(uint64_t last) {
    auto open = [](const auto&) { return std::make_unique<store::MemoryDisk>(test::families()); };
    auto anew = std::make_unique<Generation>(rules, hasher, materialize::Settings{}, open);
    materialize::EntryDecoder decoder(hasher);
    log.scan(kOnlyGroup, {1}, [&](const log::StoredEntry& stored) {
      if (stored.index.value > last) return false;
      anew->materializer().apply(decoder.decode(stored.index, stored.type, stored.payload)->entry, nullptr);
      return true;
    });
    return anew;
  }
  void expect_is_a_recompute() {
    const auto anew = recompute(entry());
    EXPECT_EQ(hash(), anew->materializer().state_hash().digests.all().hex());
    Script control(-1);
    const std::string report = compare(*anew, serving(), {}, control);
    EXPECT_TRUE(report.starts_with("{\"same\":true")) << report.substr(0, 2000);
  }
  static ReplayRequest request(std::string_view parameters) {
    return std::get<ReplayRequest>(parse_replay(parameters));
  }
  std::vector<Bystander::Role> roles() {
    std::vector<Bystander::Role> out;
    for (const Bystander& one : succession->bystanders().all()) out.push_back(one.role);
    return out;
  }

  const store::Hasher hasher{{1}};
  const materialize::Ruleset rules = test::shipped_rules();
  env::SystemClock clock;
  log::MemoryLog log;
  test::DiskFolders folders{hasher, {.epoch_events = 20}};
  materialize::Applied applied;
  std::unique_ptr<materialize::Succession> succession;
};

TEST_F(ReplayTest, HoweverOftenItIsEndedItServesWhatTheLogSays) {
  const auto seed = std::random_device()();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  twin::Stream stream(seed);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 40; ++i) step(stream);
    const std::string before = hash();
    std::string memo, result;
    for (int run = 0; result.empty(); ++run) {
      Script control(run < 8 ? stream.below(6) : -1);
      result =
          run_replay(place(), request(stream.below(2) ? R"({"cores":1})" : R"({"cores":3})"), memo, control);
      if (!control.last.empty()) memo = control.last;
      for (int i = stream.below(4); i > 0; --i) step(stream);
      if (stream.below(3) == 0) start();  // the process, too
    }
    EXPECT_NE(result.find("\"exchanged\":true"), std::string::npos) << result;
    EXPECT_EQ(result.find("\"differs\":[\""), std::string::npos) << result;
    expect_is_a_recompute();
    EXPECT_EQ(roles(), (std::vector<Bystander::Role>{Bystander::Role::former}));
    if (stream.below(2)) start();
    expect_is_a_recompute();
    EXPECT_EQ(folders.numbers().size(), 2u);
  }
}

TEST_F(ReplayTest, ItGoesBackToTheFormerOneAndForthAgain) {
  twin::Stream stream(7);
  for (int i = 0; i < 60; ++i) step(stream);
  Script control(-1);
  EXPECT_EQ(check_replay(place(), request(R"({"action":"rollback"})"))->problem.code, "no_former");
  run_replay(place(), request("{}"), "", control);
  for (int i = 0; i < 30; ++i) step(stream);
  const uint64_t first = succession->controls().active.folder;
  start();
  run_replay(place(), request(R"({"action":"rollback"})"), "", control);
  EXPECT_NE(succession->controls().active.folder, first);
  expect_is_a_recompute();
  run_replay(place(), request(R"({"action":"rollback"})"), "", control);
  EXPECT_EQ(succession->controls().active.folder, first);
  expect_is_a_recompute();
  run_replay(place(), request(R"({"action":"drop"})"), "", control);
  EXPECT_TRUE(roles().empty());
  EXPECT_EQ(folders.numbers(), (std::vector<uint64_t>{first}));
}

TEST_F(ReplayTest, ADryRunChangesNothingUntilItIsPromoted) {
  twin::Stream stream(11);
  for (int i = 0; i < 60; ++i) step(stream);
  Script control(-1);
  EXPECT_EQ(check_replay(place(), request(R"({"action":"promote"})"))->problem.code, "nothing_built");
  const uint64_t folder = succession->controls().active.folder;
  const std::string result = run_replay(place(), request(R"({"dry_run":true})"), "", control);
  EXPECT_NE(result.find("\"same\":true"), std::string::npos) << result;
  EXPECT_EQ(succession->controls().active.folder, folder);
  EXPECT_EQ(roles(), (std::vector<Bystander::Role>{Bystander::Role::built}));
  for (int i = 0; i < 20; ++i) step(stream);
  start();
  run_replay(place(), request(R"({"action":"promote"})"), "", control);
  EXPECT_NE(succession->controls().active.folder, folder);
  expect_is_a_recompute();
}

TEST_F(ReplayTest, ACancelledOneLeavesNothing) {
  twin::Stream stream(13);
  for (int i = 0; i < 60; ++i) step(stream);
  const std::string before = hash();
  for (int looks = 0; looks < 4; ++looks) {
    Script control(looks, true);
    if (!run_replay(place(), request(R"({"rate":1})"), "", control).empty()) break;
    EXPECT_TRUE(roles().empty());
    EXPECT_EQ(folders.numbers().size(), 1u);
  }
  EXPECT_EQ(hash(), before);
}

TEST_F(ReplayTest, ItStartsAtASnapshotWhereTheLogHasLostItsBeginning) {
  twin::Stream stream(17);
  for (int i = 0; i < 40; ++i) step(stream);
  EXPECT_EQ(check_replay(place(), request(R"({"from":"3"})"))->problem.code, "no_snapshot");
  serving().materializer().checkpoint();
  const uint64_t kept = serving().materializer().next_offset().value;
  const auto whole = recompute(entry());
  keep_snapshot_behind(place(), {20});
  for (int i = 0; i < 40; ++i) step(stream);
  const auto anew = recompute(entry());
  log.truncate_prefix(kOnlyGroup, {21});
  drop_lost_snapshots(place());
  EXPECT_EQ(roles(), (std::vector<Bystander::Role>{Bystander::Role::snapshot}));
  Script control(-1);
  const std::string result = run_replay(place(), request("{}"), "", control);
  EXPECT_NE(result.find("\"from_offset\":" + std::to_string(kept)), std::string::npos) << result;
  EXPECT_EQ(hash(), anew->materializer().state_hash().digests.all().hex());
  log.truncate_prefix(kOnlyGroup, {60});
  drop_lost_snapshots(place());
  EXPECT_EQ(check_replay(place(), request("{}"))->problem.code, "truncated");
}

TEST_F(ReplayTest, TheRulesetThatChangesMeanwhileEndsIt) {
  twin::Stream stream(19);
  for (int i = 0; i < 40; ++i) step(stream);
  Script stopped(3);
  EXPECT_EQ(run_replay(place(), request(R"({"rate":1})"), "", stopped), "");
  const materialize::Ruleset others = test::rules_with("A");
  for (const test::LogEntry& control : {test::announce_of(others), test::switch_to(others, entry() + 1)}) {
    const log::Entry added{{entry() + 1}, {1}, control.type, control.payload};
    log.append(kOnlyGroup, {&added, 1});
    materialize::EntryDecoder decoder(hasher);
    ASSERT_TRUE(succession->current().apply(decoder.decode(added.index, added.type, control.payload)->entry,
                                            nullptr));
  }
  Script control(-1);
  EXPECT_THROW(run_replay(place(), request("{}"), stopped.last, control), std::runtime_error);
  EXPECT_TRUE(roles().empty());
}

TEST_F(ReplayTest, ThePastIsWhatItsRecordsAloneMake) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  log.put_meta("secret", std::string(1, 1) + std::string(15, 0));
  twin::Stream stream(seed);
  std::vector<std::string> hashes;  // by entry
  std::vector<int64_t> offsets;
  for (int i = 0; i < 60; ++i) {
    step(stream);
    hashes.push_back(hash());
    offsets.push_back(serving().materializer().position().offset);
    if (i == 30) {
      serving().materializer().checkpoint();
      keep_snapshot_behind(place(), {1});
    }
  }
  for (int round = 0; round < 4; ++round) {
    const auto at = static_cast<size_t>(stream.below(60));
    if (offsets[at] < 0) continue;
    TravelRequest asked;
    const bool by_time = stream.below(2);
    if (by_time)
      asked.to.time = event::Micros{kStart + 1'000'000 * static_cast<int64_t>(at) + 1};
    else
      asked.to.offset = record::Offset{static_cast<uint64_t>(offsets[at])};
    asked.into = folders.home().parent_path() / (folders.home().filename().string() + "-past");
    asked.cores = 2;
    EXPECT_FALSE(check_travel(place(), asked));
    std::string memo, result;
    for (int run = 0; result.empty(); ++run) {
      Script control(run < 3 ? stream.below(40) : -1);
      result = run_travel(place(), asked, memo, control);
      if (!control.last.empty()) memo = control.last;
    }
    const Past past(asked.into);
    EXPECT_EQ(past.mark().offset, offsets[at]);
    size_t same = at;  // entries without records of their own follow
    while (!by_time && same > 0 && offsets[same - 1] == offsets[at]) --same;
    EXPECT_EQ(past.generation()->materializer().state_hash().digests.all().hex(),
              hashes[by_time ? at : same]);
    EXPECT_EQ(check_travel(place(), asked)->problem.code, "folder_in_use");
    std::filesystem::remove_all(asked.into);
  }
}

TEST_F(ReplayTest, AComparisonNamesWhatDiffers) {
  twin::Stream stream(23);
  for (int i = 0; i < 40; ++i) step(stream);
  const auto less = recompute(39);
  Script control(-1);
  const std::string report = compare(*less, serving(), {}, control);
  EXPECT_TRUE(report.starts_with("{\"same\":false")) << report.substr(0, 500);
  EXPECT_NE(report.find("\"what\":\""), std::string::npos) << report.substr(0, 500);
}

}  // namespace
}  // namespace lode::admin
