// State and every kind of part against a twin made of std::map, over both disks: random changes, epochs,
// reopenings and clearings, with readers on other threads.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "conformance/store_folder.h"
#include "store/dictionary.h"
#include "store/hash_index.h"
#include "store/keyed_table.h"
#include "store/memory_disk.h"
#include "store/rocksdb_disk.h"
#include "store/row_table.h"
#include "store/state.h"

namespace lode::store {
namespace {

constexpr std::array<uint8_t, 16> kSecret{7};

struct Parts {
  KeyedTable table{"table"};
  RowTable rows{"rows"};
  HashIndex index{"index", true};
  HashIndex offsets{"offsets", false};
  Dictionary dictionary{Hasher(kSecret)};
  std::vector<Part*> all() { return {&table, &rows, &index, &offsets, &dictionary}; }
};

// What is at a checkpoint, and what a kill would leave.
struct Twin {
  std::map<std::string, std::string> table;
  std::map<uint64_t, std::string> rows;
  std::map<std::string, IndexValue> index;
  std::vector<std::pair<Domain, std::string>> texts;
  Checkpoint checkpoint;
};

struct InMemory {
  // Outlives the state that uses it, as a folder does.
  std::shared_ptr<MemoryDisk> disk = std::make_shared<MemoryDisk>(families_of(Parts().all()));
  struct Shared final : Disk {
    explicit Shared(std::shared_ptr<MemoryDisk> shared) : disk(std::move(shared)) {}
    std::shared_ptr<const Snapshot> snapshot() const override { return disk->snapshot(); }
    std::unique_ptr<Ingestion> ingest() override { return disk->ingest(); }
    uint64_t disk_bytes() const override { return disk->disk_bytes(); }
    void clear() override { disk->clear(); }
    Checkpoint copy_to(const std::filesystem::path& folder) const override { return disk->copy_to(folder); }
    void compact(const BeginMerge& begin, std::atomic<bool>& stop) override { disk->compact(begin, stop); }
    std::shared_ptr<MemoryDisk> disk;
  };
  std::unique_ptr<Disk> open() { return std::make_unique<Shared>(disk); }
};

struct OnRocksDb {
  test::TemporaryFolder folder;
  std::unique_ptr<Disk> open() {
    return std::make_unique<RocksDbDisk>(folder.path(), families_of(Parts().all()));
  }
};

template <typename Home>
class StoreState : public testing::Test {
 protected:
  StoreState() { open(); }

  void open() {
    state_.reset();
    parts_ = std::make_unique<Parts>();
    state_ = std::make_unique<State>(home_.open(), parts_->all());
  }

  // One random change, of the parts and of the twin.
  void change(std::mt19937_64& random) {
    std::string text = "text " + std::to_string(random() % 500);
    std::string value(random() % 40, static_cast<char>('a' + random() % 26));
    std::unique_lock lock(state_->mutex());
    switch (random() % 5) {
      case 0:
        parts_->table.put(text, value);
        twin_.table[text] = value;
        break;
      case 1:
        parts_->table.remove(text);
        twin_.table.erase(text);
        break;
      case 2: {
        uint64_t number = twin_.rows.empty() ? random() % 10 : twin_.rows.rbegin()->first + 1 + random() % 3;
        parts_->rows.append(number, value);
        twin_.rows[number] = value;
        break;
      }
      case 3: {
        std::string id = std::to_string(random());
        IndexValue at{random() >> 16, random()};
        parts_->index.insert(hasher_(id), at);
        parts_->offsets.insert(hasher_(id), at);
        twin_.index[id] = at;
        break;
      }
      case 4: {
        Domain domain = static_cast<Domain>(1 + random() % 6);
        std::pair<Domain, std::string> entry{domain, text};
        auto found = std::find(twin_.texts.begin(), twin_.texts.end(), entry);
        uint32_t number = static_cast<uint32_t>(found - twin_.texts.begin()) + 1;
        if (found == twin_.texts.end()) twin_.texts.push_back(entry);
        ASSERT_EQ(parts_->dictionary.intern(domain, text), number);
        break;
      }
    }
  }

  void compare() {
    std::shared_lock lock(state_->mutex());
    std::map<std::string, std::string> table;
    parts_->table.scan({}, {}, [&](std::string_view key, std::string_view value) {
      return table.emplace(key, value).second;
    });
    ASSERT_EQ(table, twin_.table);
    table.clear();
    parts_->table.scan("text 2", "text 3", [&](std::string_view key, std::string_view value) {
      return table.emplace(key, value).second;
    });
    ASSERT_EQ(table, decltype(table)(twin_.table.lower_bound("text 2"), twin_.table.lower_bound("text 3")));

    std::map<uint64_t, std::string> rows;
    parts_->rows.scan(0, ~uint64_t{0}, [&](uint64_t number, std::string_view row) {
      return rows.emplace(number, row).second;
    });
    ASSERT_EQ(rows, twin_.rows);
    std::string value;
    for (int i = 0; i < 500; ++i) {
      std::string key = "text " + std::to_string(i);
      bool found = parts_->table.get(key, value);
      ASSERT_EQ(found, twin_.table.contains(key)) << key;
      ASSERT_TRUE(!found || value == twin_.table[key]);
      uint64_t number = static_cast<uint64_t>(i);
      found = parts_->rows.get(number, value);
      ASSERT_EQ(found, twin_.rows.contains(number)) << number;
      ASSERT_TRUE(!found || value == twin_.rows[number]);
      ASSERT_FALSE(parts_->index.find(hasher_("not there " + key)));
    }
    for (const auto& [id, at] : twin_.index) {
      ASSERT_EQ(parts_->index.find(hasher_(id)), at);
      ASSERT_EQ(parts_->offsets.find(hasher_(id)), (IndexValue{at.offset, 0}));
    }
    ASSERT_EQ(parts_->index.size(), twin_.index.size());
    ASSERT_EQ(parts_->dictionary.size(), twin_.texts.size());
    for (uint32_t i = 0; i < twin_.texts.size(); ++i) {
      const auto& [domain, text] = twin_.texts[i];
      ASSERT_EQ(parts_->dictionary.text(i + 1), text);
      ASSERT_EQ(parts_->dictionary.find(domain, text), i + 1);
    }
    uint32_t last = 0;
    parts_->dictionary.scan(Domain::sku, 3, [&](uint32_t number, std::string_view text) {
      EXPECT_GT(number, std::max(last, 3u));
      EXPECT_EQ(std::pair(Domain::sku, std::string(text)), twin_.texts[number - 1]);
      last = number;
      return true;
    });
    ASSERT_EQ(parts_->dictionary.find(Domain::sku, "never seen"), std::nullopt);
  }

  Home home_;
  std::unique_ptr<Parts> parts_;
  std::unique_ptr<State> state_;
  Hasher hasher_{kSecret};
  Twin twin_;
};

using Homes = testing::Types<InMemory, OnRocksDb>;
TYPED_TEST_SUITE(StoreState, Homes);

TYPED_TEST(StoreState, HoldsWhatATwinHolds) {
  for (uint64_t seed : {1, 2, 3}) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    Twin kept = this->twin_;  // at the checkpoint
    for (int step = 0; step < 6000; ++step) {
      this->change(random);
      if (this->HasFatalFailure()) return;
      if (random() % 200 == 0) {
        this->twin_.checkpoint = {this->twin_.checkpoint.next_offset + 1, random(), -5, random()};
        this->state_->end_epoch(this->twin_.checkpoint);
        kept = this->twin_;
        this->compare();
      }
      if (random() % 1000 == 0) {  // a kill: what was not checkpointed is gone
        this->open();
        this->twin_ = kept;
        ASSERT_EQ(this->state_->checkpoint(), kept.checkpoint);
        this->compare();
      }
      if (random() % 4000 == 0) {
        this->state_->clear();
        this->twin_ = kept = {};
        ASSERT_EQ(this->state_->checkpoint(), Checkpoint{});
        this->compare();
      }
      if (this->HasFatalFailure()) return;
    }
    this->compare();
  }
}

// Every epoch sets all keys to its own number, in one hold of the mutex: a reader must never see two numbers.
TYPED_TEST(StoreState, ReadersSeeOneStateAcrossEpochs) {
  constexpr int kEpochs = 40;
  std::atomic<bool> stop = false;
  auto read = [&] {
    std::string name;
    while (!stop) {
      std::shared_lock lock(this->state_->mutex());
      std::map<std::string, int> seen;
      int keys = 0;
      this->parts_->table.scan({}, {}, [&](std::string_view, std::string_view value) {
        ++keys;
        ++seen[std::string(value)];
        return true;
      });
      EXPECT_LE(seen.size(), 1u);
      EXPECT_TRUE(keys == 0 || keys == 100) << keys;
      uint64_t rows = 0;
      this->parts_->rows.scan(0, ~uint64_t{0}, [&](uint64_t, std::string_view) { return ++rows; });
      EXPECT_EQ(std::to_string(rows), keys ? seen.begin()->first : "0");
      uint32_t size = this->parts_->dictionary.size();
      EXPECT_EQ(size, rows);
      for (uint32_t number = 1; number <= size; ++number) {
        EXPECT_EQ(this->parts_->dictionary.text(number), std::to_string(number));
        EXPECT_EQ(this->parts_->index.find(this->hasher_(std::to_string(number))),
                  (IndexValue{number, number}));
      }
    }
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) readers.emplace_back(read);
  for (int epoch = 1; epoch <= kEpochs; ++epoch) {
    uint64_t number = static_cast<uint64_t>(epoch);
    std::string text = std::to_string(epoch);
    {
      std::unique_lock lock(this->state_->mutex());
      for (int i = 100; i < 200; ++i) this->parts_->table.put(std::to_string(i), text);
      this->parts_->rows.append(number, text);
      this->parts_->dictionary.intern(Domain::sku, text);
      this->parts_->index.insert(this->hasher_(text), {number, number});
    }
    this->state_->end_epoch({.next_offset = number});
  }
  this->state_->wait_flushed();
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(this->state_->checkpoint().next_offset, static_cast<uint64_t>(kEpochs));
}

}  // namespace
}  // namespace lode::store
