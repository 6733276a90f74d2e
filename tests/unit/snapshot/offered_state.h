// A small state on disk that grows, and its rows to compare with.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "conformance/store_folder.h"
#include "snapshot/source.h"
#include "store/keyed_table.h"
#include "store/rocksdb_disk.h"

namespace lode::snapshot {

inline constexpr uint64_t kRuleset = 77;

inline std::vector<store::Family> families() { return {{"rows"}, {"hashes", nullptr, true}}; }

using Rows = std::map<std::string, std::string>;

inline Rows rows_in(const std::filesystem::path& folder) {
  store::RocksDbDisk disk(folder, families());
  Rows rows;
  for (const char* family : {"rows", "hashes"})
    for (auto at = disk.snapshot()->iterate(family, {}, {}); at->valid(); at->next())
      rows[std::string(family) + "/" + std::string(at->key())] = at->value();
  return rows;
}

class OfferedState {
 public:
  explicit OfferedState(uint64_t seed = 1) : random_(seed) { grow(); }

  // Three more files: one large, one small, one tiny.
  void grow() {
    ++entry_;
    auto ingestion = disk_.ingest();
    for (const auto& [family, count] : {std::pair("rows", 12), std::pair("hashes", 60)}) {
      ingestion->begin(family);
      std::map<std::string, std::string> sorted;
      for (int i = 0; i < count; ++i)
        sorted[store::key_of(random_())] = text(family == std::string("rows") ? 900 : 2500);
      for (const auto& [key, value] : sorted) {
        ingestion->put(key, value);
        rows_[std::string(family) + "/" + key] = value;
      }
    }
    ingestion->begin(store::kMetaFamily);
    ingestion->put(store::kCheckpointKey, encode_checkpoint(checkpoint()));
    ingestion->commit();
  }

  store::Checkpoint checkpoint() const { return {entry_ * 72, entry_, 5, kRuleset}; }
  const Rows& rows() const { return rows_; }
  Source::Make make() {
    return [this](const std::filesystem::path& folder) { return disk_.copy_to(folder); };
  }

 private:
  std::string text(size_t size) {
    std::string out;
    while (out.size() < size) out += static_cast<char>(random_());
    return out;
  }

  std::mt19937_64 random_;
  test::TemporaryFolder home_;
  store::RocksDbDisk disk_{home_.path() / "state", families()};
  uint64_t entry_ = 0;
  Rows rows_;
};

// Looks again and again, with a limit that only a failing test reaches.
inline bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace lode::snapshot
