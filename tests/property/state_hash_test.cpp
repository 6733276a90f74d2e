// The state hash against a replay one record at a time: random streams in other batches, epochs, locks, under
// another secret and with other dictionary numbers, over restarts and kills. At each entry's end it must be
// the replay's at that offset, and what a scan of all rows finds; and any changed row must be seen.
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <random>
#include <shared_mutex>

#include "event/json.h"
#include "property/borrowed_disk.h"
#include "property/engine.h"
#include "property/silver_stream.h"
#include "store/bytes.h"
#include "store/memory_disk.h"
#include "store/rocksdb_disk.h"

namespace lode::test {
namespace {

struct Sent {
  std::string json;
  int64_t retry_of = -1;
};

std::vector<Sent> events_of(uint32_t seed, int count) {
  twin::Stream stream(seed);
  std::vector<Sent> events;
  for (int i = 0; i < count; ++i) {
    int kind = stream.below(12);
    if (kind == 0) {
      events.push_back(
          {R"({"event_id":"p)" + std::to_string(i) + R"(","type":"product","occurred_at":"2011-01-0)" +
           std::to_string(1 + stream.below(9)) + R"(T00:00:00Z","product":{"sku":"A","description":"mug )" +
           std::to_string(stream.below(3)) + R"(","category":"c)" + std::to_string(stream.below(2)) +
           R"("}})"});
    } else if (kind == 1 && i > 0) {
      events.push_back(events[static_cast<size_t>(stream.below(i))]);  // a duplicate
    } else {
      events.push_back({twin::json_of(stream.event())});
      if (kind == 2 && i > 0) events.back().retry_of = stream.below(i);
    }
  }
  return events;
}

struct Way {
  uint32_t batch = 1;  // at most
  uint32_t epoch = 1'000'000;
  uint32_t lock_items = 128;
  uint8_t secret = 1;
  bool other_numbers = false;
};

class World {
 public:
  World(Way way, std::shared_ptr<store::Disk> disk) : way_(way), disk_(std::move(disk)) { open(); }

  void open() {
    engine_.reset();
    materialize::Settings settings{.epoch_events = way_.epoch, .lock_items = way_.lock_items};
    engine_ = std::make_unique<Engine>(way_.secret, settings, std::make_unique<BorrowedDisk>(disk_));
    if (way_.other_numbers && engine_->tables.dictionary().size() == 0) {
      for (const char* text : {"zzz", "POST", "B", "A"}) {
        engine_->tables.dictionary().intern(store::Domain::sku, text);
        engine_->tables.dictionary().intern(store::Domain::customer, std::string("c") + text);
      }
    }
  }

  uint64_t next_entry() const { return engine_->materializer.applied_entry().value + 1; }

  void apply(uint64_t entry, const Sent* first, size_t count) {
    event::EventBatch batch;
    std::vector<store::Hash96> keys;
    for (size_t i = 0; i < count; ++i) {
      ASSERT_FALSE(decoder_.decode_json(std::make_shared<const std::string>(first[i].json), batch));
      ASSERT_EQ(batch.events.size(), i + 1) << first[i].json;
      batch.events.back().retry_of = first[i].retry_of;
      keys.push_back(sequence::hash_key(engine_->hasher, batch.events.back()));
    }
    materialize::CommittedEntry committed{{entry}, {1'500'000'000'000'000}, {}, nullptr};
    committed.slices.push_back({&batch, keys.data(), 0, static_cast<uint32_t>(count)});
    engine_->materializer.apply(committed, nullptr);
  }

  void checkpoint() { engine_->materializer.checkpoint(); }
  materialize::StateHash hash() const { return engine_->materializer.state_hash(); }
  materialize::Digests scan() const {
    std::shared_lock lock(engine_->state.mutex());
    return materialize::scan_digests(engine_->tables, engine_->gold);
  }

 private:
  Way way_;
  std::shared_ptr<store::Disk> disk_;
  event::JsonDecoder decoder_;
  std::unique_ptr<Engine> engine_;
};

std::string text_of(const materialize::Digests& digests) {
  std::string text = digests.all().hex();
  for (const auto* parts : {&digests.tables, &digests.views}) {
    for (const store::NamedDigest& part : *parts) text += "\n" + part.name + " " + part.digest.hex();
  }
  return text;
}

std::shared_ptr<store::Disk> memory_disk() { return std::make_shared<store::MemoryDisk>(families()); }

// By offset.
std::map<int64_t, std::string> one_by_one(const std::vector<Sent>& events) {
  World world({}, memory_disk());
  std::map<int64_t, std::string> hashes;
  for (size_t i = 0; i < events.size(); ++i) {
    world.apply(i + 1, &events[i], 1);
    materialize::StateHash hash = world.hash();
    EXPECT_EQ(hash.entry, i + 1);
    auto [place, fresh] = hashes.emplace(hash.offset, text_of(hash.digests));
    EXPECT_EQ(place->second, text_of(hash.digests)) << "a duplicate changed the rows";
  }
  EXPECT_EQ(text_of(world.scan()), text_of(world.hash().digests));
  return hashes;
}

void run(const std::vector<Sent>& events, const std::map<int64_t, std::string>& expected, Way way,
         uint32_t seed, std::shared_ptr<store::Disk> disk) {
  std::mt19937 random(seed);
  auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  std::vector<std::pair<size_t, size_t>> entries;
  for (size_t at = 0; at < events.size(); at += entries.back().second)
    entries.push_back({at, std::min<size_t>(1 + below(way.batch), events.size() - at)});
  World world(way, std::move(disk));
  for (int restarts = 6; world.next_entry() <= entries.size();) {
    uint64_t entry = world.next_entry();
    auto [first, count] = entries[entry - 1];
    world.apply(entry, &events[first], count);
    materialize::StateHash hash = world.hash();
    ASSERT_EQ(hash.entry, entry);
    ASSERT_EQ(text_of(hash.digests), expected.at(hash.offset)) << "at offset " << hash.offset;
    uint32_t dice = below(30);
    if (dice == 0) ASSERT_EQ(text_of(world.scan()), text_of(hash.digests));
    if (dice <= 1 && restarts-- > 0) {
      if (dice == 1) world.checkpoint();
      world.open();
      materialize::StateHash kept = world.hash();
      if (kept.offset >= 0) ASSERT_EQ(text_of(kept.digests), expected.at(kept.offset)) << "after a restart";
      ASSERT_EQ(text_of(world.scan()), text_of(kept.digests));
    }
  }
  ASSERT_EQ(text_of(world.scan()), text_of(world.hash().digests));
}

uint32_t seed() {
  const char* given = std::getenv("LODE_SEED");
  uint32_t seed = given != nullptr ? static_cast<uint32_t>(std::stoul(given)) : std::random_device()();
  std::cout << "LODE_SEED=" << seed << std::endl;
  return seed;
}

TEST(StateHash, IsTheSameHoweverTheRecordsCame) {
  for (uint32_t chosen = seed(), round = 0; round < 8; ++round, ++chosen) {
    SCOPED_TRACE("LODE_SEED=" + std::to_string(chosen));
    std::vector<Sent> events = events_of(chosen, 400);
    std::map<int64_t, std::string> expected = one_by_one(events);
    run(events, expected, {.batch = 1, .epoch = 7}, chosen, memory_disk());
    run(events, expected, {.batch = 60, .epoch = 50, .lock_items = 3, .secret = 9}, chosen, memory_disk());
    run(events, expected, {.batch = 9, .epoch = 130, .other_numbers = true}, chosen, memory_disk());
    if (HasFatalFailure()) return;
  }
}

TEST(StateHash, IsTheSameInRocksDb) {
  auto folder =
      std::filesystem::temp_directory_path() / ("lode-hash-" + std::to_string(std::random_device()()));
  uint32_t chosen = seed();
  std::vector<Sent> events = events_of(chosen, 600);
  run(events, one_by_one(events), {.batch = 40, .epoch = 60}, chosen,
      std::make_shared<store::RocksDbDisk>(folder, families()));
  store::RocksDbDisk::remove(folder);
}

// One after the other, every value of every table on the disk with a bit of it flipped.
TEST(StateHash, SeesEveryChangedRow) {
  std::vector<Sent> events = events_of(1, 150);
  // The last row of orders as bought is one that nothing replaced.
  events.push_back(
      {twin::json_of({.type = "purchase", .id = "last", .order = "last", .lines = {{"A", 1, 1}}})});
  auto disk = memory_disk();
  {
    World world({}, disk);
    for (size_t i = 0; i < events.size(); ++i) world.apply(i + 1, &events[i], 1);
    world.checkpoint();
  }
  auto put = [&](std::string_view family, const std::string& key, std::string_view value) {
    auto ingestion = disk->ingest();
    ingestion->begin(family);
    ingestion->put(key, value);
    ingestion->commit();
  };
  auto sees = [&] {
    try {
      World world({}, disk);
      return text_of(world.scan()) != text_of(world.hash().digests);
    } catch (const store::Damaged&) {
      return true;
    }
  };
  ASSERT_FALSE(sees());
  for (const char* family : {"orders", "orders.changed", "orders.revised", "customers", "products",
                             "quarantine", "dictionary", "gold", "digests"}) {
    std::map<std::string, std::string> rows;
    for (auto at = disk->snapshot()->iterate(family, {}, {}); at->valid(); at->next())
      rows.emplace(at->key(), at->value());
    ASSERT_FALSE(rows.empty()) << family;
    for (const auto& [key, value] : rows) {
      std::string changed = value;
      changed.back() ^= 1;
      put(family, key, changed);
      EXPECT_TRUE(sees()) << family << ", row of " << value.size() << " bytes";
      put(family, key, value);
    }
  }
  ASSERT_FALSE(sees());
}

// Between two nodes or a node and its replay: quality counters too, which are their own digest.
TEST(StateHash, EveryRecordChangesIt) {
  std::vector<Sent> events = events_of(2, 150);
  World world({}, memory_disk());
  std::map<std::string, int64_t> seen;
  int64_t last = -1;
  for (size_t i = 0; i < events.size(); ++i) {
    world.apply(i + 1, &events[i], 1);
    materialize::StateHash hash = world.hash();
    bool fresh = seen.emplace(hash.digests.all().hex(), hash.offset).second;
    // A duplicate has no offset, and a retry of what is closed has no effect.
    if (events[i].retry_of < 0 && hash.offset > last) EXPECT_TRUE(fresh) << events[i].json;
    last = hash.offset;
  }
}

}  // namespace
}  // namespace lode::test
