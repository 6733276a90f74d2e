// Every point at which the disk can fail beneath the log, and the power with it: what an append returned for
// is there afterwards, and a write that failed is there as a whole or not at all.
#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include "fault_file_system.h"
#include "log/chunk.h"
#include "log/rocksdb_log.h"

namespace lode::fault {
namespace {

using log::Entry;
using log::EntryType;
using log::RocksDbLog;
using log::StoredEntry;

struct Folder {
  std::string path = (std::filesystem::temp_directory_path() / "lode-fault-XXXXXX").string();
  Folder() {
    if (!mkdtemp(path.data())) throw std::runtime_error("mkdtemp");
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

// What a log should hold.
struct Model {
  uint64_t first = 1;
  std::map<uint64_t, std::string> entries;
  std::string term;
  friend bool operator==(const Model&, const Model&) = default;
};

Model contents(const log::Log& log) {
  Model model{log.first_index({0}).value, {}, log.get_meta("term").value_or("")};
  log.scan({0}, {1}, [&](const StoredEntry& entry) {
    model.entries[entry.index.value] = entry.payload;
    return true;
  });
  return model;
}

// One write to the log and to the model.
struct Step {
  enum class Kind { append, truncate_prefix, put_meta, archive } kind = Kind::append;
  uint64_t index = 0;
  std::vector<std::string> payloads;

  void run(log::Log& log) const {
    if (kind == Kind::truncate_prefix) return log.truncate_prefix({0}, {index});
    if (kind == Kind::put_meta) return log.put_meta("term", std::to_string(index));
    if (kind == Kind::archive) return archive(log);
    std::vector<Entry> entries;
    for (size_t i = 0; i < payloads.size(); ++i) {
      entries.push_back({{index + i}, {1}, EntryType::batch, payloads[i]});
    }
    log.append({0}, entries);
  }
  // Entries up to `index` in one more chunk, which changes nothing for who reads.
  void archive(log::Log& log) const {
    log::ChunkWriter writer(nullptr, 0, 1);
    const uint64_t from = std::max(log.last_archived({0}).value + 1, log.first_index({0}).value);
    log.scan({0}, {from}, [&](const StoredEntry& entry) {
      if (entry.index.value > index) return false;
      writer.add({entry.index, entry.term, entry.type}, entry.payload);
      return true;
    });
    if (writer.entries() > 0) log.archive({0}, writer.encode());
    log.reclaim({0});
  }
  void run(Model& model) const {
    if (kind == Kind::archive) return;
    if (kind == Kind::truncate_prefix) {
      model.first = index;
      model.entries.erase(model.entries.begin(), model.entries.lower_bound(index));
    } else if (kind == Kind::put_meta) {
      model.term = std::to_string(index);
    } else {
      model.entries.erase(model.entries.lower_bound(index), model.entries.end());
      for (size_t i = 0; i < payloads.size(); ++i) model.entries[index + i] = payloads[i];
    }
  }
};

// Small and large entries, replaced suffixes, dropped prefixes: enough bytes for several flushes.
std::vector<Step> workload() {
  std::mt19937 random(11);
  std::vector<Step> steps{{Step::Kind::put_meta, 1, {}}};
  uint64_t last = 0;
  for (int i = 1; i <= 40; ++i) {
    Step step{Step::Kind::append, last + 1 - (i % 7 == 0 ? 2 : 0), {}};
    for (uint32_t k = 0; k < 1 + random() % 3; ++k) {
      std::string payload(i % 5 == 0 ? 40'000 : 10 + random() % 600, '\0');
      for (char& c : payload) c = static_cast<char>(random());
      step.payloads.push_back(std::move(payload));
    }
    last = step.index + step.payloads.size() - 1;
    steps.push_back(std::move(step));
    if (i % 15 == 0) steps.push_back({Step::Kind::truncate_prefix, last - 3, {}});
    if (i % 8 == 4) steps.push_back({Step::Kind::archive, last - 2, {}});
    if (i % 10 == 0) steps.push_back({Step::Kind::put_meta, static_cast<uint64_t>(i), {}});
  }
  return steps;
}

// Runs the workload until something fails, loses the power, and looks at what is there. True: nothing failed.
bool survives(uint64_t fail_at, Failure failure, uint32_t seed) {
  SCOPED_TRACE("operation " + std::to_string(fail_at) + ", power loss seed " + std::to_string(seed));
  const Folder folder;
  const auto disk = std::make_shared<FaultFileSystem>();
  const auto env = rocksdb::NewCompositeEnv(disk);
  const log::RocksDbLogOptions options{folder.path + "/log", env.get(), 128 << 10};
  disk->fail_at(fail_at, failure);

  Model sure, possible;
  bool failed = false;
  try {
    RocksDbLog log(options);
    for (const Step& step : workload()) {
      possible = sure;
      step.run(possible);
      step.run(log);
      sure = possible;
    }
  } catch (const log::OpenFailed&) {
    failed = true;
  } catch (const log::WriteFailed&) {
    failed = true;
  }
  const bool all_visited = disk->operations() <= fail_at;
  EXPECT_FALSE(failed && all_visited) << "something failed by itself";
  disk->lose_power(seed);

  try {
    {
      RocksDbLog log(options);
      const Model found = contents(log);
      EXPECT_TRUE(found == sure || found == possible)
          << "found " << found.entries.size() << " entries from " << found.first << ", term " << found.term
          << "; acknowledged were " << sure.entries.size() << " from " << sure.first << ", term "
          << sure.term;
      sure = found;
      const Step next{Step::Kind::append, log.last_index({0}).value + 1, {"and on it goes"}};
      next.run(log);
      next.run(sure);
    }
    disk->lose_power(seed);
    EXPECT_TRUE(contents(RocksDbLog(options)) == sure) << "after a second power loss";
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what();
  }
  return all_visited;
}

class LogFault : public testing::TestWithParam<Failure> {};

// RocksDB sleeps for a second after a failed flush; many points at a time keep that short.
constexpr int kAtATime = 32;

TEST_P(LogFault, AcknowledgedEntriesOutliveEveryFailureAndPowerLoss) {
  rocksdb::Env::Default()->SetBackgroundThreads(kAtATime, rocksdb::Env::HIGH);
  rocksdb::Env::Default()->SetBackgroundThreads(kAtATime, rocksdb::Env::LOW);
  std::atomic<uint64_t> next = 0;
  std::atomic<bool> all_visited = false;
  std::vector<std::thread> workers;
  for (int i = 0; i < kAtATime; ++i) {
    workers.emplace_back([&] {
      while (!all_visited && !HasFailure()) {
        const uint64_t operation = next++;
        const uint32_t seed = operation % 3 ? static_cast<uint32_t>(operation) : 0;
        if (survives(operation, GetParam(), seed)) all_visited = true;
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_GT(next, 150u) << "the workload no longer writes much";
}

INSTANTIATE_TEST_SUITE_P(Failures, LogFault, testing::Values(Failure::once, Failure::from_then_on),
                         [](const auto& failure) {
                           return failure.param == Failure::once ? "OneOperationFails" : "TheDiskIsGone";
                         });

// The power goes while an append waits for its sync: any of its sectors may be there.
TEST(LogPowerLoss, AnAppendThatWasCutIsDroppedWhateverIsLeftOfIt) {
  for (uint32_t seed = 0; seed < 24; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Folder folder;
    const auto disk = std::make_shared<FaultFileSystem>();
    const auto env = rocksdb::NewCompositeEnv(disk);
    const log::RocksDbLogOptions options{folder.path + "/log", env.get()};
    {
      RocksDbLog log(options);
      const std::string kept(1000, 'k'), cut(seed % 2 ? 700 : 90'000, 'c');
      const Entry first{{1}, {1}, EntryType::batch, kept}, second{{2}, {1}, EntryType::batch, cut};
      log.append({0}, {&first, 1});
      disk->fail_at(disk->operations() + 1,
                    Failure::from_then_on);  // the append goes through, its sync does not
      EXPECT_THROW(log.append({0}, {&second, 1}), log::WriteFailed);
      EXPECT_THROW(log.put_meta("term", "9"), log::WriteFailed) << "a failed log takes no more writes";
    }
    disk->lose_power(seed);
    RocksDbLog log(options);
    const auto entry = log.read({0}, {1});
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->payload, std::string(1000, 'k'));
    const auto whole = log.read({0}, {2});
    EXPECT_TRUE(!whole || whole->payload.size() == (seed % 2 ? 700u : 90'000u));
  }
}

}  // namespace
}  // namespace lode::fault
