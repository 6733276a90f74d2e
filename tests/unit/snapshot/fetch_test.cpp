// The side that asks: the state arrives whole, whatever happens on the way, and nothing that was right is
// fetched twice.
#include "snapshot/fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <thread>

#include "unit/snapshot/faulty_wire.h"
#include "unit/snapshot/offered_state.h"

namespace lode::snapshot {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr raft::NodeId kFirst{1}, kSecond{2};

class FetchTest : public testing::Test {
 protected:
  ~FetchTest() override { sources.clear(); }  // before what their answers go to

  void serve(uint64_t node, OfferedState& of) {
    wire.sources.erase(node);
    sources.erase(node);  // and with it what it offered
    SourceSettings offering{.folder = home.path() / ("outgoing" + std::to_string(node))};
    sources[node] = std::make_unique<Source>(offering, of.make(), clock);
    wire.sources[node] = sources[node].get();
  }
  std::unique_ptr<Fetch> make_fetch(Wanted wanted = {}) {
    return std::make_unique<Fetch>(settings, wire.call(), wanted, choose);
  }
  std::optional<Fetched> fetch(Wanted wanted = {}) { return make_fetch(wanted)->run(); }
  void expect_whole(const std::optional<Fetched>& fetched, const OfferedState& of) {
    ASSERT_TRUE(fetched);
    EXPECT_EQ(fetched->checkpoint, of.checkpoint());
    EXPECT_EQ(rows_in(fetched->folder), of.rows());
  }
  std::filesystem::path kept() const { return settings.folder / "files"; }
  uint64_t kept_bytes() const {
    uint64_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(kept()))
      if (file.path().extension() != ".part") bytes += file.file_size();
    return bytes;
  }
  // Runs until so many bytes were asked for, then is no more.
  void fetch_some(uint64_t bytes) {
    auto some = make_fetch();
    wire.on_request = [&](raft::NodeId, const Request&) {
      if (wire.asked_bytes >= bytes) some->cancel();
    };
    EXPECT_FALSE(some->run());
    wire.on_request = nullptr;
  }

  test::TemporaryFolder home;
  env::SystemClock clock;
  OfferedState state;
  FaultyWire wire;
  std::map<uint64_t, std::unique_ptr<Source>> sources;
  FetchSettings settings{
      .folder = home.path() / "incoming", .piece_bytes = 4096, .first_pause = 1ms, .longest_pause = 5ms};
  ChooseNode choose = [](std::optional<raft::NodeId>) { return kFirst; };
};

TEST_F(FetchTest, BringsTheWholeState) {
  serve(1, state);
  auto fetching = make_fetch({.least_entry = 1, .ruleset_hash = kRuleset});
  expect_whole(fetching->run(), state);
  const FetchProgress progress = fetching->progress();
  EXPECT_EQ(progress.done_bytes, progress.of_bytes);
  EXPECT_EQ(progress.of_bytes, wire.asked_bytes);  // each byte once
  EXPECT_EQ(progress.checkpoint, state.checkpoint());
  EXPECT_EQ(progress.from, kFirst);
  EXPECT_EQ(progress.trouble, "");
  EXPECT_TRUE(eventually([&] { return !sources[1]->held_entry(); }));  // it was closed
  EXPECT_TRUE(std::filesystem::is_empty(kept()));
}

TEST_F(FetchTest, ArrivesWholeWhateverHappensOnTheWay) {
  state.grow();
  serve(1, state);
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    FaultyWire faulty(seed);
    std::mt19937_64 random(seed);
    auto odds = [&](int most) { return static_cast<int>(random() % 3 == 0 ? random() % most : 0); };
    faulty.odds = {odds(200), odds(40), odds(40), odds(20), random() % 2 == 0};
    faulty.sources = wire.sources;
    settings.folder = home.path() / ("incoming" + std::to_string(seed));
    settings.window = static_cast<uint32_t>(1 + random() % 12);
    settings.piece_bytes = static_cast<uint32_t>(1000 + random() % 20'000);
    expect_whole(Fetch(settings, faulty.call(), {}, choose).run(), state);
    serve(1, state);  // ends what is still under way on this wire
    if (testing::Test::HasFailure()) return;
  }
}

TEST_F(FetchTest, GoesOnAfterItsProcessWasKilled) {
  state.grow();
  serve(1, state);
  fetch_some(220'000);
  const uint64_t before = kept_bytes();
  ASSERT_GT(before, 100'000u);
  std::ofstream(kept() / "0123.part") << "half";
  std::filesystem::create_directories(settings.folder / "state.new");
  wire.asked_bytes = 0;
  auto fetching = make_fetch();
  expect_whole(fetching->run(), state);
  EXPECT_EQ(wire.asked_bytes, fetching->progress().of_bytes - before);
}

TEST_F(FetchTest, KeepsWhatANewCheckpointStillHas) {
  serve(1, state);
  fetch_some(150'000);
  const uint64_t before = kept_bytes();
  ASSERT_GT(before, 10'000u);
  state.grow();
  serve(1, state);
  wire.asked_bytes = 0;
  auto fetching = make_fetch({.least_entry = 2});
  expect_whole(fetching->run(), state);
  // MANIFEST and the like are new each time; the tables are not.
  EXPECT_LT(wire.asked_bytes, fetching->progress().of_bytes - before / 2);
}

TEST_F(FetchTest, GoesOnWithHalfAFileWhenTheSnapshotVanishes) {
  serve(1, state);
  uint64_t opens = 0;
  wire.on_answer = [&](const Request& request, peer::Answer& answer) {
    opens += std::holds_alternative<Open>(request);
    if (std::holds_alternative<Read>(request) && wire.reads.size() == 30)
      answer = {peer::Outcome::failed, "unknown_snapshot", "it was given up", {}};
  };
  auto fetching = make_fetch();
  expect_whole(fetching->run(), state);
  EXPECT_GE(opens, 2u);
  EXPECT_LE(wire.asked_bytes, fetching->progress().of_bytes + 2 * settings.window * settings.piece_bytes);
}

TEST_F(FetchTest, DoesNotTrustWhatLiesThere) {
  state.grow();
  serve(1, state);
  fetch_some(250'000);
  size_t spoiled = 0;
  for (const auto& file : std::filesystem::directory_iterator(kept())) {
    if (file.path().extension() == ".part" || file.file_size() < 10'000) continue;
    std::fstream(file.path(), std::ios::in | std::ios::out | std::ios::binary).seekp(777).put('!');
    ++spoiled;
  }
  ASSERT_GT(spoiled, 0u);
  expect_whole(fetch(), state);
}

TEST_F(FetchTest, AnotherNodeGoesOn) {
  OfferedState other(2);
  other.grow();
  serve(1, state);
  serve(2, other);
  std::vector<uint64_t> failed;
  choose = [&](std::optional<raft::NodeId> before) {
    if (before) failed.push_back(before->value);
    return failed.empty() ? kFirst : kSecond;
  };
  wire.on_request = [&](raft::NodeId, const Request&) {
    if (wire.reads.size() == 10) wire.sources.erase(1);
  };
  expect_whole(fetch(), other);
  EXPECT_EQ(failed, std::vector<uint64_t>{1});
}

TEST_F(FetchTest, WaitsUntilTheStateWillDo) {
  serve(1, state);
  auto fetching = make_fetch({.least_entry = 2});
  std::optional<Fetched> fetched;
  std::thread thread([&] { fetched = fetching->run(); });
  EXPECT_TRUE(eventually([&] { return !fetching->progress().trouble.empty(); }));
  EXPECT_THAT(fetching->progress().trouble, HasSubstr("node 1: behind"));
  fetching->cancel();
  thread.join();
  EXPECT_FALSE(fetched);
  state.grow();
  expect_whole(fetch({.least_entry = 2}), state);
}

TEST_F(FetchTest, EndsWhenTheRulesetIsNoLongerToBeHad) {
  serve(1, state);
  auto fetching = make_fetch({.least_entry = 1, .ruleset_hash = kRuleset + 1});
  EXPECT_FALSE(fetching->run());
  EXPECT_THAT(fetching->progress().trouble, HasSubstr("node 1: other_ruleset"));
}

TEST_F(FetchTest, TellsThatNobodyIsThere) {
  std::atomic<bool> there = false;
  choose = [&](std::optional<raft::NodeId>) { return there ? std::optional(kFirst) : std::nullopt; };
  auto fetching = make_fetch();
  std::optional<Fetched> fetched;
  std::thread thread([&] { fetched = fetching->run(); });
  EXPECT_TRUE(
      eventually([&] { return fetching->progress().trouble == "no node is there to ask for its state"; }));
  serve(1, state);
  there = true;
  thread.join();
  expect_whole(fetched, state);
}

TEST_F(FetchTest, FindsFilesThatAreNotWhatTheManifestSays) {
  serve(1, state);
  std::vector<std::string> troubles;
  std::unique_ptr<Fetch> fetching = make_fetch();
  bool lie = true;
  wire.on_answer = [&](const Request& request, peer::Answer& answer) {
    if (!std::holds_alternative<Read>(request) || answer.outcome != peer::Outcome::ok) return;
    if (!std::exchange(lie, false)) return;
    std::string bytes(answer.body.view);
    bytes.back() ^= 1;
    seal_piece(bytes);
    answer.body = peer::Bytes(bytes);
  };
  wire.on_request = [&](raft::NodeId, const Request& request) {
    if (std::holds_alternative<Open>(request)) troubles.push_back(fetching->progress().trouble);
  };
  expect_whole(fetching->run(), state);
  EXPECT_THAT(troubles, testing::Contains(HasSubstr("than its manifest says")));
}

TEST_F(FetchTest, AFullDiskIsWaitedFor) {
  serve(1, state);
  Manifest manifest;
  wire.on_answer = [&](const Request& request, peer::Answer& answer) {
    if (!std::holds_alternative<Open>(request)) return;
    Opened opened = decode_opened(answer.body.view);
    if (auto* ready = std::get_if<Manifest>(&opened)) manifest = *ready;
  };
  std::vector<std::string> troubles;
  auto fetching = make_fetch();
  wire.on_request = [&](raft::NodeId, const Request& request) {
    if (std::holds_alternative<Open>(request)) troubles.push_back(fetching->progress().trouble);
    if (wire.reads.size() != 1) return;
    // From the second file on, what is written goes to a device that takes nothing.
    for (const ManifestFile& file : manifest.files) {
      std::error_code exists;
      std::filesystem::create_symlink(
          "/dev/full", kept() / (file.hash.hex() + "-" + std::to_string(file.size) + ".part"), exists);
    }
  };
  expect_whole(fetching->run(), state);
  EXPECT_THAT(troubles, testing::Contains(HasSubstr("No space left on device")));
}

TEST_F(FetchTest, LeavesTheReserveAlone) {
  serve(1, state);
  settings.reserved_disk_bytes = UINT64_MAX / 2;
  auto fetching = make_fetch();
  std::thread thread([&] { EXPECT_FALSE(fetching->run()); });
  EXPECT_TRUE(eventually([&] { return !fetching->progress().trouble.empty(); }));
  EXPECT_THAT(fetching->progress().trouble, HasSubstr("the disk has no room for the state"));
  fetching->cancel();
  thread.join();
  EXPECT_TRUE(wire.reads.empty());
}

TEST_F(FetchTest, AStateThatWasFetchedBeforeIsUsed) {
  serve(1, state);
  expect_whole(fetch(), state);
  wire.reads.clear();
  expect_whole(fetch(), state);
  EXPECT_TRUE(wire.reads.empty());
  state.grow();
  expect_whole(fetch({.least_entry = 2}), state);
  EXPECT_FALSE(wire.reads.empty());
}

TEST_F(FetchTest, RefusesAFormatItDoesNotKnow) {
  serve(1, state);
  wire.on_answer = [&](const Request& request, peer::Answer& answer) {
    if (!std::holds_alternative<Open>(request) || answer.outcome != peer::Outcome::ok) return;
    Opened opened = decode_opened(answer.body.view);
    if (auto* manifest = std::get_if<Manifest>(&opened)) manifest->format = 2;
    answer.body = peer::Bytes(encode(opened));
  };
  auto fetching = make_fetch();
  std::thread thread([&] { EXPECT_FALSE(fetching->run()); });
  EXPECT_TRUE(eventually([&] { return !fetching->progress().trouble.empty(); }));
  EXPECT_EQ(fetching->progress().trouble, "node 1 sends a state of format 2, and this program reads 1");
  fetching->cancel();
  thread.join();
}

}  // namespace
}  // namespace lode::snapshot
