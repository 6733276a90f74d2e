// Disk in memory: for tests, the simulator, and state that need not outlive its process. A commit copies the
// families that it changes, so a snapshot costs nothing and big families make it slow. Any thread, as disk.h
// says.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/disk.h"

namespace lode::store {

class MemoryDisk final : public Disk {
 public:
  explicit MemoryDisk(std::vector<Family> families);

  std::shared_ptr<const Snapshot> snapshot() const override;
  std::unique_ptr<Ingestion> ingest() override;
  uint64_t disk_bytes() const override;  // of keys and values
  void clear() override;
  Checkpoint copy_to(const std::filesystem::path& folder) const override;  // it has no files: logic_error
  void compact(const BeginMerge&, std::atomic<bool>&) override {}  // nothing is there that could be merged

  using Rows = std::map<std::string, std::string, std::less<>>;
  using Families = std::map<std::string, std::shared_ptr<const Rows>, std::less<>>;

 private:
  class Change;
  std::map<std::string, MergeFunction, std::less<>> merges_;
  mutable std::mutex mutex_;
  Families families_;
};

}  // namespace lode::store
