#include "store/memory_disk.h"

#include <set>
#include <utility>

#include "store/bytes.h"

namespace lode::store {

namespace {

class MemoryIterator final : public Iterator {
 public:
  MemoryIterator(std::shared_ptr<const MemoryDisk::Rows> rows, std::string_view lower, std::string_view upper)
      : rows_(std::move(rows)), lower_(lower) {
    end_ = upper.empty() ? rows_->end() : rows_->lower_bound(upper);
    at_ = lower_bound(lower_);
  }

  bool valid() const override { return at_ != end_; }
  void next() override { ++at_; }
  void seek(std::string_view key) override { at_ = lower_bound(std::max<std::string_view>(key, lower_)); }
  std::string_view key() const override { return at_->first; }
  std::string_view value() const override { return at_->second; }

 private:
  MemoryDisk::Rows::const_iterator lower_bound(std::string_view key) const {
    if (end_ != rows_->end() && key >= end_->first) return end_;
    return rows_->lower_bound(key);
  }

  std::shared_ptr<const MemoryDisk::Rows> rows_;
  std::string lower_;
  MemoryDisk::Rows::const_iterator at_, end_;
};

class MemorySnapshot final : public Snapshot {
 public:
  explicit MemorySnapshot(MemoryDisk::Families families) : families_(std::move(families)) {}

  bool get(std::string_view family, std::string_view key, std::string& value) const override {
    const MemoryDisk::Rows& rows = *rows_of(family);
    auto found = rows.find(key);
    if (found == rows.end()) return false;
    value = found->second;
    return true;
  }

  std::unique_ptr<Iterator> iterate(std::string_view family, std::string_view lower,
                                    std::string_view upper) const override {
    return std::make_unique<MemoryIterator>(rows_of(family), lower, upper);
  }

 private:
  const std::shared_ptr<const MemoryDisk::Rows>& rows_of(std::string_view family) const {
    auto found = families_.find(family);
    if (found == families_.end()) throw Damaged("no such family: " + std::string(family));
    return found->second;
  }

  MemoryDisk::Families families_;
};

}  // namespace

class MemoryDisk::Change final : public Ingestion {
 public:
  explicit Change(MemoryDisk& disk) : disk_(disk) {}

  void begin(std::string_view family) override {
    std::lock_guard lock(disk_.mutex_);
    auto found = disk_.families_.find(family);
    if (found == disk_.families_.end()) throw std::logic_error("no such family: " + std::string(family));
    auto [at, fresh] = changed_.emplace(family, std::make_shared<Rows>(*found->second));
    if (!fresh) throw std::logic_error("family begun twice: " + std::string(family));
    rows_ = at->second.get();
    merge_ = disk_.merges_.at(std::string(family));
    last_.reset();
  }

  void put(std::string_view key, std::string_view value) override {
    ascend(key);
    set(key, std::string(value));
  }

  void merge(std::string_view key, std::string_view operand) override {
    ascend(key);
    if (!merge_) throw std::logic_error("a merge in a family without a merge function");
    auto found = rows_->find(key);
    if (found == rows_->end()) {
      set(key, std::string(operand));
    } else if (!operand.empty()) {
      set(key, merge_(found->second, operand));
    }
  }

  void remove(std::string_view key) override {
    ascend(key);
    if (auto found = rows_->find(key); found != rows_->end()) rows_->erase(found);
  }

  void commit() override {
    std::lock_guard lock(disk_.mutex_);
    for (auto& [family, rows] : changed_) disk_.families_[family] = std::move(rows);
    changed_.clear();
    rows_ = nullptr;
  }

 private:
  void ascend(std::string_view key) {
    if (!rows_) throw std::logic_error("a key before begin()");
    if (last_ && key <= *last_) throw std::logic_error("keys of an ingestion must ascend");
    last_ = key;
  }

  void set(std::string_view key, std::string value) {
    auto at = rows_->lower_bound(key);
    bool there = at != rows_->end() && at->first == key;
    if (merge_ && value.empty()) {
      if (there) rows_->erase(at);
    } else if (there) {
      at->second = std::move(value);
    } else {
      rows_->emplace_hint(at, key, std::move(value));
    }
  }

  MemoryDisk& disk_;
  std::map<std::string, std::shared_ptr<Rows>, std::less<>> changed_;
  Rows* rows_ = nullptr;
  MergeFunction merge_ = nullptr;
  std::optional<std::string> last_;
};

MemoryDisk::MemoryDisk(std::vector<Family> families) {
  families.push_back({std::string(kMetaFamily), nullptr});
  for (Family& family : families) {
    families_[family.name] = std::make_shared<const Rows>();
    merges_[std::move(family.name)] = family.merge;
  }
}

std::shared_ptr<const Snapshot> MemoryDisk::snapshot() const {
  std::lock_guard lock(mutex_);
  return std::make_shared<MemorySnapshot>(families_);
}

std::unique_ptr<Ingestion> MemoryDisk::ingest() { return std::make_unique<Change>(*this); }

uint64_t MemoryDisk::disk_bytes() const {
  uint64_t bytes = 0;
  std::lock_guard lock(mutex_);
  for (const auto& [family, rows] : families_) {
    for (const auto& [key, value] : *rows) bytes += key.size() + value.size();
  }
  return bytes;
}

Checkpoint MemoryDisk::copy_to(const std::filesystem::path&) const {
  throw std::logic_error("a disk in memory has no files");
}

void MemoryDisk::clear() {
  std::lock_guard lock(mutex_);
  for (auto& [family, rows] : families_) rows = std::make_shared<const Rows>();
}

}  // namespace lode::store
