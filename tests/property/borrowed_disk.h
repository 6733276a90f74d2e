#pragma once

#include <memory>
#include <utility>

#include "store/disk.h"

namespace lode::test {

// Lets a State come and go while what it wrote stays.
class BorrowedDisk final : public store::Disk {
 public:
  explicit BorrowedDisk(std::shared_ptr<store::Disk> disk) : disk_(std::move(disk)) {}
  std::shared_ptr<const store::Snapshot> snapshot() const override { return disk_->snapshot(); }
  std::unique_ptr<store::Ingestion> ingest() override { return disk_->ingest(); }
  uint64_t disk_bytes() const override { return disk_->disk_bytes(); }
  void clear() override { disk_->clear(); }
  store::Checkpoint copy_to(const std::filesystem::path& folder) const override {
    return disk_->copy_to(folder);
  }
  void compact(const BeginMerge& begin, std::atomic<bool>& stop) override { disk_->compact(begin, stop); }

 private:
  std::shared_ptr<store::Disk> disk_;
};

}  // namespace lode::test
