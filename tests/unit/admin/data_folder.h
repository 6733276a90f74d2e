// A data folder with a log and a state in it, as a node has them, that goes with the test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/backup.h"
#include "admin/stopped_data.h"
#include "event/json.h"
#include "gold/view.h"
#include "materialize/entry_decoder.h"
#include "record/batch.h"
#include "store/rocksdb_disk.h"

namespace lode::admin {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "lode-admin-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline materialize::Ruleset small_rules() {
  materialize::Ruleset rules;
  rules.views = gold::read_views(LODE_SOURCE_DIR "/config/views");
  return rules;
}

inline std::string purchase(uint64_t number) {
  const std::string n = std::to_string(number);
  return R"({"event_id":"e)" + n + R"(","type":"purchase","occurred_at":"2024-01-0)" +
         std::to_string(number % 9 + 1) + R"(T10:00:00Z","source":"web","order_id":"o)" + n +
         R"(","currency":"EUR","customer":{"id":"c)" + std::to_string(number % 7) +
         R"(","country":"DE"},"lines":[{"sku":"S)" + std::to_string(number % 5) +
         R"(","quantity":2,"unit_price":"3.50"}]})";
}

constexpr int64_t kFirstMicros = 1'710'000'000'000'000;

// Serves, as far as a log and a state can without a server. Batches come in a second apart.
class SmallNode {
 public:
  explicit SmallNode(const std::filesystem::path& data_dir, uint64_t log_buffer = 1 << 20)
      : data_dir_(data_dir) {
    std::filesystem::create_directories(data_dir);
    log_ = std::make_unique<log::RocksDbLog>(
        log::RocksDbLogOptions{.path = (data_dir / "log").string(), .write_buffer_bytes = log_buffer});
    if (!log_->get_meta("secret")) {
      log_->put_meta("secret", std::string(16, '\7'));
      materialize::ControlState::seeded(small_rules(), materialize::kNewestLevel).save(*log_);
    }
    const uint64_t number = materialize::ControlState::load(*log_)->active.folder;
    generation_ = std::make_shared<materialize::Generation>(
        small_rules(), hasher_, materialize::Settings{}, [&](const std::vector<store::Family>& families) {
          return std::make_unique<store::RocksDbDisk>(state_path(data_dir, number), families);
        });
    apply_all();
  }

  // One entry of so many purchases, the next ones, applied.
  void add(uint64_t count) {
    add_events([&] {
      std::vector<std::string> events;
      for (uint64_t i = 0; i < count; ++i) events.push_back(purchase(next_++));
      return events;
    }());
  }
  void add_events(const std::vector<std::string>& events) {
    record::BatchWriter writer;
    event::JsonDecoder decoder;
    event::EventBatch batch;
    for (const std::string& event : events)
      EXPECT_FALSE(decoder.decode_json(std::make_shared<const std::string>(event), batch));
    for (const event::Event& event : batch.events) writer.add(event);
    const uint64_t index = log_->last_index(kOnlyGroup).value + 1;
    const std::string payload = writer.encode({kFirstMicros + static_cast<int64_t>(index) * 1'000'000});
    const log::Entry entry{{index}, {1}, log::EntryType::batch, payload};
    log_->append(kOnlyGroup, {&entry, 1});
    apply_all();
  }
  void apply_all() {
    materialize::EntryDecoder decoder(hasher_);
    auto& materializer = generation_->materializer();
    log_->scan(kOnlyGroup, {materializer.applied_entry().value + 1}, [&](const log::StoredEntry& stored) {
      materializer.apply(decoder.decode(stored.index, stored.type, stored.payload)->entry, nullptr);
      return true;
    });
    next_ = materializer.next_offset().value;
  }
  void checkpoint() { generation_->materializer().checkpoint(); }

  LiveData live() {
    return {
        .log = *log_,
        .group = kOnlyGroup,
        .data_dir = data_dir_,
        .make_durable = [this] { generation_->materializer().end_epoch_early(); },
        .durable = [this] { return generation_->state().checkpoint(); },
        .copy_state = [this](const std::filesystem::path& to) { return generation_->state().copy_to(to); },
        .applied =
            [this] {
              const auto& at = generation_->materializer();
              return store::Checkpoint{at.next_offset().value, at.applied_entry().value,
                                       at.position().record_micros, generation_->ruleset_hash()};
            }};
  }
  BackupReport back_up(const std::filesystem::path& to) {
    BackupFolder folder(to, BackupFolder::Open::to_write);
    env::SystemClock clock;
    return create_backup(live(), {}, folder, clock, {});
  }
  std::string hash() const { return generation_->materializer().state_hash().digests.all().hex(); }
  int64_t offset() const { return static_cast<int64_t>(generation_->materializer().next_offset().value) - 1; }
  log::RocksDbLog& log() { return *log_; }

 private:
  const std::filesystem::path data_dir_;
  store::Hasher hasher_{[] {
    std::array<uint8_t, 16> secret;
    secret.fill(7);
    return secret;
  }()};
  std::unique_ptr<log::RocksDbLog> log_;
  std::shared_ptr<materialize::Generation> generation_;
  uint64_t next_ = 0;
};

inline std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder,
                                                   const std::string& extension) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == extension) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

inline void flip(const std::filesystem::path& path, uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x5a));
}

}  // namespace lode::admin
