// The side that is asked: what it offers, to how many, for how long, and how it says no.
#include "snapshot/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "snapshot/message.h"
#include "snapshot/rate_bound.h"
#include "unit/snapshot/offered_state.h"

namespace lode::snapshot {
namespace {

class SourceTest : public testing::Test {
 protected:
  peer::Answer ask(const Request& request, uint64_t from = 2, uint32_t timeout_ms = 60'000) {
    return ask_bytes(encode(request), from, timeout_ms);
  }
  peer::Answer ask_bytes(std::string body, uint64_t from = 2, uint32_t timeout_ms = 60'000) {
    std::promise<peer::Answer> promise;
    source->handle({from}, timeout_ms, peer::Bytes(std::move(body)),
                   [&](peer::Answer answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }
  std::string code(const Request& request, uint64_t from = 2) { return ask(request, from).code; }

  Manifest open(Wanted wanted = {}, uint64_t from = 2) {
    Manifest manifest;
    EXPECT_TRUE(eventually([&] {
      const auto answer = ask(Open{wanted}, from);
      EXPECT_EQ(answer.outcome, peer::Outcome::ok) << answer.code << answer.detail;
      if (answer.outcome != peer::Outcome::ok) return true;
      auto opened = decode_opened(answer.body.view);
      if (!std::holds_alternative<Manifest>(opened)) return false;
      manifest = std::get<Manifest>(opened);
      return true;
    }));
    return manifest;
  }
  size_t folders() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(settings.folder), {}));
  }
  void start() { source = std::make_unique<Source>(settings, state.make(), clock); }

  OfferedState state;
  test::TemporaryFolder home;
  env::ManualClock clock{1'000'000};
  SourceSettings settings{.folder = home.path() / "outgoing"};
  std::unique_ptr<Source> source = std::make_unique<Source>(settings, state.make(), clock);
};

TEST_F(SourceTest, GivesEveryFileOfOneCheckpoint) {
  const Manifest manifest = open();
  EXPECT_EQ(manifest.checkpoint, state.checkpoint());
  EXPECT_EQ(manifest.format, kStateFormat);
  EXPECT_GE(manifest.files.size(), 6u);
  state.grow();
  for (uint32_t i = 0; i < manifest.files.size(); ++i) {
    ContentHasher hasher;
    const ManifestFile& file = manifest.files[i];
    for (uint64_t at = 0; at < file.size; at += 5000) {
      const auto length = static_cast<uint32_t>(std::min<uint64_t>(5000, file.size - at));
      const auto answer = ask(Read{manifest.id, i, length, at});
      ASSERT_EQ(answer.outcome, peer::Outcome::ok) << answer.detail;
      const auto piece = open_piece(answer.body.view, length);
      ASSERT_TRUE(piece);
      hasher.add(*piece);
    }
    EXPECT_EQ(hasher.hash(), file.hash) << file.name;
  }
}

TEST_F(SourceTest, SharesASnapshotThatWillDo) {
  const Manifest first = open({}, 2);
  state.grow();
  EXPECT_EQ(open({.least_entry = 1}, 3), first);
  EXPECT_EQ(folders(), 1u);
  EXPECT_EQ(code(Close{first.id}, 2), "");
  EXPECT_EQ(code(Read{first.id, 0, 1, 0}, 3), "");
  EXPECT_EQ(code(Close{first.id}, 3), "");
  EXPECT_EQ(code(Read{first.id, 0, 1, 0}, 3), "unknown_snapshot");
  EXPECT_EQ(folders(), 0u);
}

TEST_F(SourceTest, OffersTwoAtOnceAndHoldsTheLogBehindTheOlder) {
  EXPECT_FALSE(source->held_entry());
  const Manifest first = open({}, 2);
  state.grow();
  const Manifest second = open({.least_entry = 2}, 3);
  EXPECT_NE(first.id, second.id);
  EXPECT_EQ(source->held_entry(), record::EntryIndex{1});
  state.grow();
  EXPECT_EQ(code(Open{{.least_entry = 3}}, 4), "busy");
  // A reader that needs a newer one lets go of the old one.
  EXPECT_EQ(open({.least_entry = 3}, 2).checkpoint.entry_index, 3u);
  EXPECT_EQ(source->held_entry(), record::EntryIndex{2});
  EXPECT_EQ(folders(), 2u);
}

TEST_F(SourceTest, GivesUpWhatNobodyReadsForTenMinutes) {
  const Manifest manifest = open();
  clock.advance_micros(9 * 60'000'000);
  EXPECT_EQ(code(Read{manifest.id, 0, 1, 0}), "");
  clock.advance_micros(9 * 60'000'000);
  EXPECT_EQ(code(Read{manifest.id, 0, 1, 0}), "");
  clock.advance_micros(11 * 60'000'000);
  EXPECT_EQ(code(Read{manifest.id, 0, 1, 0}), "unknown_snapshot");
  EXPECT_FALSE(source->held_entry());
  EXPECT_EQ(folders(), 0u);
}

TEST_F(SourceTest, RemovesWhatAnEarlierProcessLeft) {
  const Manifest old = open();
  source.reset();
  EXPECT_EQ(folders(), 0u);
  std::filesystem::create_directories(settings.folder / "17");
  start();
  EXPECT_EQ(folders(), 0u);
  EXPECT_EQ(code(Read{old.id, 0, 1, 0}), "unknown_snapshot");
  EXPECT_NE(open().id, old.id);
}

TEST_F(SourceTest, SaysWhyNot) {
  EXPECT_EQ(code(Open{{.least_entry = 2}}), "behind");
  EXPECT_EQ(code(Open{{.least_entry = 1, .ruleset_hash = 78}}), "other_ruleset");
  EXPECT_EQ(folders(), 0u);
  const Manifest manifest = open({.ruleset_hash = kRuleset});
  EXPECT_EQ(code(Read{manifest.id, 1000, 1, 0}), "bad_request");
  EXPECT_EQ(code(Read{manifest.id, 0, 1, manifest.files[0].size}), "bad_request");
  EXPECT_EQ(code(Read{manifest.id, 0, 1, UINT64_MAX}), "bad_request");
  EXPECT_EQ(ask_bytes("what").code, "bad_request");

  settings.reserved_disk_bytes = UINT64_MAX;
  source.reset();
  start();
  EXPECT_EQ(code(Open{}), "no_room");
  settings.reserved_disk_bytes = 0;
  source = std::make_unique<Source>(
      settings,
      [](const std::filesystem::path& folder) -> store::Checkpoint {
        std::filesystem::create_directory(folder);
        throw std::runtime_error("the state is being made");
      },
      clock);
  const auto answer = ask(Open{});
  EXPECT_EQ(answer.code + ": " + answer.detail, "no_state: the state is being made");
  EXPECT_EQ(folders(), 0u);
}

TEST_F(SourceTest, OffersNoStateThatStandsForNothing) {
  source = std::make_unique<Source>(
      settings,
      [](const std::filesystem::path& folder) {
        std::filesystem::create_directory(folder);
        return store::Checkpoint{};
      },
      clock);
  EXPECT_EQ(code(Open{}), "no_state");
}

TEST_F(SourceTest, AFileThatCannotBeReadCostsTheCallAlone) {
  const Manifest manifest = open();
  std::filesystem::remove(settings.folder / std::to_string(manifest.id) / manifest.files[0].name);
  EXPECT_EQ(code(Read{manifest.id, 0, 1, 0}), "failed");
  EXPECT_EQ(code(Read{manifest.id, 1, 1, 0}), "");
}

TEST_F(SourceTest, AnswersEverythingWhenItStops) {
  open();
  source->stop();
  EXPECT_EQ(code(Open{}), "stopping");
  EXPECT_EQ(folders(), 0u);
}

TEST(RateBound, SpreadsBytesOverTime) {
  RateBound free(0), bound(1'000'000);
  free.sent(1 << 30, 5);
  EXPECT_EQ(free.wait_micros(5), 0);
  EXPECT_EQ(bound.wait_micros(10), 0);
  bound.sent(500'000, 10);
  EXPECT_EQ(bound.wait_micros(10), 500'000);
  bound.sent(500'000, 10);
  EXPECT_EQ(bound.wait_micros(600'010), 400'000);
  EXPECT_EQ(bound.wait_micros(2'000'000), 0);
  bound.sent(1'000, 2'000'000);  // what was not used is not saved up
  EXPECT_EQ(bound.wait_micros(2'000'000), 1'000);
}

TEST_F(SourceTest, KeepsItsRate) {
  settings.bytes_per_second = 1000;
  source.reset();
  start();
  const Manifest manifest = open();
  EXPECT_EQ(code(Read{manifest.id, 0, 10, 0}), "");  // 10 ms
  std::promise<peer::Answer> promise;
  auto answer = promise.get_future();
  source->handle({2}, 60'000, peer::Bytes(encode(Read{manifest.id, 0, 10, 0})),
                 [&](peer::Answer given) { promise.set_value(std::move(given)); });
  // The clock stands still: no time, no bytes.
  EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(30)), std::future_status::timeout);
  clock.advance_micros(10'000);
  EXPECT_EQ(answer.get().outcome, peer::Outcome::ok);
}

TEST_F(SourceTest, DoesNotReadForACallerThatHasGivenUp) {
  settings.bytes_per_second = 1000;
  source.reset();
  start();
  const Manifest manifest = open();
  EXPECT_EQ(code(Read{manifest.id, 0, 10, 0}), "");
  std::promise<peer::Answer> promise;
  source->handle({2}, 5, peer::Bytes(encode(Read{manifest.id, 0, 10, 0})),
                 [&](peer::Answer given) { promise.set_value(std::move(given)); });
  clock.advance_micros(10'000);
  EXPECT_EQ(promise.get_future().get().code, "timed_out");
}

}  // namespace
}  // namespace lode::snapshot
