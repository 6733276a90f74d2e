// One node's log, folders and succession of generations, without group, disk or sockets; killed and started
// again at will.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "event/json.h"
#include "log/memory_log.h"
#include "materialize/entry_decoder.h"
#include "materialize/succession.h"
#include "property/borrowed_disk.h"
#include "property/engine.h"
#include "record/batch.h"

namespace lode::test {

constexpr record::GroupId kOnlyGroup{0};

// Fees are those named; otherwise the shipped rules.
inline materialize::Ruleset rules_with(const std::string& fee) {
  materialize::Ruleset rules = shipped_rules();
  rules.silver.fee_skus = {fee};
  return rules;
}

struct LogEntry {
  log::EntryType type = log::EntryType::batch;
  std::string payload;
};

inline LogEntry batch_of(const std::vector<std::string>& events, int64_t received = 1'500'000'000'000'000) {
  record::BatchWriter writer;
  event::JsonDecoder decoder;
  event::EventBatch batch;
  for (const std::string& event : events)
    EXPECT_FALSE(decoder.decode_json(std::make_shared<const std::string>(event), batch));
  for (const event::Event& event : batch.events) writer.add(event);
  return {log::EntryType::batch, writer.encode({received})};
}

inline LogEntry announce_of(const materialize::Ruleset& rules) {
  return {log::EntryType::control,
          record::Control{record::Control::Kind::announce, rules.hash(), {}, rules.encode(), 0}.encode()};
}
inline LogEntry switch_to(const materialize::Ruleset& rules, uint64_t announced) {
  return {log::EntryType::control,
          record::Control{record::Control::Kind::switch_, rules.hash(), {announced}, "", 0}.encode()};
}
inline LogEntry level_of(uint64_t level) {
  return {log::EntryType::control, record::Control{record::Control::Kind::level, 0, {}, "", level}.encode()};
}

// What was written before the process died stays, and nothing after.
class KilledDisk final : public store::Disk {
 public:
  KilledDisk(std::shared_ptr<store::Disk> disk, std::shared_ptr<std::atomic<bool>> dead)
      : disk_(std::move(disk)), dead_(std::move(dead)) {}
  std::shared_ptr<const store::Snapshot> snapshot() const override { return disk_->snapshot(); }
  std::unique_ptr<store::Ingestion> ingest() override {
    if (*dead_) throw store::WriteFailed("the process is dead");
    return disk_->ingest();
  }
  uint64_t disk_bytes() const override { return 0; }
  void clear() override { disk_->clear(); }
  store::Checkpoint copy_to(const std::filesystem::path& folder) const override {
    return disk_->copy_to(folder);
  }
  void compact(const BeginMerge& begin, std::atomic<bool>& stop) override { disk_->compact(begin, stop); }

 private:
  std::shared_ptr<store::Disk> disk_;
  std::shared_ptr<std::atomic<bool>> dead_;
};

class MemoryFolders final : public materialize::Folders {
 public:
  explicit MemoryFolders(const store::Hasher& hasher, materialize::Settings settings)
      : hasher_(hasher), settings_(settings) {}

  std::shared_ptr<materialize::Generation> open(const materialize::Ruleset& rules, uint64_t folder) override {
    auto disk = std::make_unique<KilledDisk>(disk_of(folder), dead);
    return std::make_shared<materialize::Generation>(rules, hasher_, settings_,
                                                     [&](const auto&) { return std::move(disk); });
  }
  void remove(uint64_t folder) override {
    std::lock_guard lock(mutex_);
    if (!*dead) disks_.erase(folder);
  }
  store::Checkpoint copy(const materialize::Generation&, uint64_t) override {
    throw std::logic_error("a disk in memory has no files");
  }
  std::filesystem::path path(uint64_t) const override {
    throw std::logic_error("a disk in memory has no files");
  }
  void sweep(const std::vector<uint64_t>& kept) override {
    std::lock_guard lock(mutex_);
    std::erase_if(disks_,
                  [&](const auto& one) { return std::count(kept.begin(), kept.end(), one.first) == 0; });
  }
  std::vector<uint64_t> numbers() const {
    std::lock_guard lock(mutex_);
    std::vector<uint64_t> out;
    for (const auto& [number, disk] : disks_) out.push_back(number);
    return out;
  }
  // Opening number `folder` waits until then.
  void close_gate(uint64_t folder) {
    std::lock_guard lock(mutex_);
    shut_ = folder;
  }
  void open_gate() {
    std::lock_guard lock(mutex_);
    shut_.reset();
    changed_.notify_all();
  }
  void put(uint64_t folder, std::shared_ptr<store::Disk> disk) {
    std::lock_guard lock(mutex_);
    disks_[folder] = std::move(disk);
  }
  std::shared_ptr<store::Disk> disk_of(uint64_t folder) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return shut_ != folder; });
    auto& disk = disks_[folder];
    if (!disk) disk = std::make_shared<store::MemoryDisk>(families());
    return disk;
  }

  std::shared_ptr<std::atomic<bool>> dead = std::make_shared<std::atomic<bool>>(false);

 private:
  const store::Hasher& hasher_;
  const materialize::Settings settings_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<uint64_t> shut_;
  std::map<uint64_t, std::shared_ptr<store::Disk>> disks_;
};

// Ends a wait that nothing ends: what a mistake brings about fails then, and does not hang.
class Patience {
 public:
  Patience() : thread_([this] { run(); }) {}
  ~Patience() {
    {
      std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  // What is interrupted when nothing more is told for so long; null: nothing.
  void tell(materialize::Succession* succession) {
    std::lock_guard lock(mutex_);
    succession_ = succession;
    ++told_;
  }

 private:
  static constexpr std::chrono::seconds kLong{30};
  void run() {
    std::unique_lock lock(mutex_);
    while (!ended_) {
      const uint64_t before = told_;
      if (changed_.wait_for(lock, kLong, [this] { return ended_; })) return;
      if (told_ != before || succession_ == nullptr) continue;
      ADD_FAILURE() << "a node waits for ever";
      succession_->interrupt();
    }
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  materialize::Succession* succession_ = nullptr;
  uint64_t told_ = 0;
  bool ended_ = false;
  std::thread thread_;
};

class Node {
 public:
  explicit Node(materialize::Ruleset files, materialize::Settings settings = {})
      : files_(std::move(files)), folders(hasher, settings) {}

  void append(const LogEntry& entry) {
    const log::Entry added{{log.last_index(kOnlyGroup).value + 1}, {1}, entry.type, entry.payload};
    log.append(kOnlyGroup, {&added, 1});
  }
  // Applies what the log has up to `last`, as after a start.
  void start(uint64_t last) {
    succession.emplace(
        materialize::Succession::Place{log, kOnlyGroup, hasher, folders, [this] { return alone; },
                                       [this](const std::string& sentence) {
                                         std::lock_guard lock(mutex_);
                                         said_.push_back(sentence);
                                       }},
        files_, applied);
    patience_.tell(&*succession);
    succession->keep();
    if (last > entry()) succession->replay([&](record::EntryIndex index) { return index.value < last; });
  }
  // The next entry of the log, live. False: it was not applied.
  bool step() {
    patience_.tell(&*succession);
    auto stored = log.read(kOnlyGroup, {entry() + 1});
    auto decoded = decoder_.decode(stored->index, stored->type, stored->payload);
    return succession->current().apply(decoded->entry, nullptr);
  }
  void kill() {
    *folders.dead = true;
    stop();
    folders.dead = std::make_shared<std::atomic<bool>>(false);
  }
  void stop() {
    patience_.tell(nullptr);
    succession.reset();
  }

  materialize::Generation& generation() const { return *succession->current().get(); }
  uint64_t entry() const { return generation().materializer().applied_entry().value; }
  std::string hash() const { return generation().materializer().state_hash().digests.all().hex(); }
  std::vector<std::string> said() {
    std::lock_guard lock(mutex_);
    return said_;
  }

 private:
  const materialize::Ruleset files_;
  std::mutex mutex_;
  std::vector<std::string> said_;

 public:
  const store::Hasher hasher{{1}};
  log::MemoryLog log;
  MemoryFolders folders;
  materialize::Applied applied;
  bool alone = true;
  std::optional<materialize::Succession> succession;

 private:
  materialize::EntryDecoder decoder_{hasher};
  Patience patience_;  // ends first
};

}  // namespace lode::test
