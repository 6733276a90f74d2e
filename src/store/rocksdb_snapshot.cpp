#include <rocksdb/db.h>

#include <utility>

#include "store/bytes.h"
#include "store/rocksdb_columns.h"

namespace lode::store {

namespace {

constexpr size_t kWholeFamilyReadahead = size_t{1} << 20;

std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

// RocksDB's own, held as long as somebody reads from it.
struct Pin {
  explicit Pin(std::shared_ptr<const Columns> of)
      : columns(std::move(of)), snapshot(columns->db->GetSnapshot()) {}
  ~Pin() { columns->db->ReleaseSnapshot(snapshot); }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;

  std::shared_ptr<const Columns> columns;
  const rocksdb::Snapshot* snapshot;
};

class RocksDbIterator final : public Iterator {
 public:
  RocksDbIterator(std::shared_ptr<const Pin> pin, const Column& column, std::string_view lower,
                  std::string_view upper)
      : pin_(std::move(pin)),
        skip_empty_(column.merges),
        lower_(lower),
        upper_(upper),
        lower_slice_(lower_),
        upper_slice_(upper_) {
    rocksdb::ReadOptions options;
    options.snapshot = pin_->snapshot;
    if (!lower_.empty()) options.iterate_lower_bound = &lower_slice_;
    if (!upper_.empty()) options.iterate_upper_bound = &upper_slice_;
    if (lower_.empty() && upper_.empty()) {
      options.fill_cache = false;
      options.readahead_size = kWholeFamilyReadahead;
    }
    rows_.reset(pin_->columns->db->NewIterator(options, column.handle.get()));
    rows_->SeekToFirst();
    settle();
  }

  bool valid() const override { return rows_->Valid(); }
  void next() override {
    rows_->Next();
    settle();
  }
  void seek(std::string_view key) override {
    rows_->Seek(slice(key));
    settle();
  }
  std::string_view key() const override { return view(rows_->key()); }
  std::string_view value() const override { return view(rows_->value()); }

 private:
  void settle() {
    while (skip_empty_ && rows_->Valid() && rows_->value().empty()) rows_->Next();
    if (!rows_->Valid() && !rows_->status().ok()) read_failed(*pin_->columns->db, rows_->status());
  }

  std::shared_ptr<const Pin> pin_;
  bool skip_empty_;
  std::string lower_, upper_;
  rocksdb::Slice lower_slice_, upper_slice_;
  std::unique_ptr<rocksdb::Iterator> rows_;
};

class RocksDbSnapshot final : public Snapshot {
 public:
  explicit RocksDbSnapshot(std::shared_ptr<const Columns> columns)
      : pin_(std::make_shared<const Pin>(std::move(columns))) {}

  bool get(std::string_view family, std::string_view key, std::string& value) const override {
    const Column& column = column_of(family);
    rocksdb::ReadOptions options;
    options.snapshot = pin_->snapshot;
    rocksdb::PinnableSlice found;
    rocksdb::Status status = pin_->columns->db->Get(options, column.handle.get(), slice(key), &found);
    if (status.IsNotFound()) return false;
    if (!status.ok()) read_failed(*pin_->columns->db, status);
    if (column.merges && found.empty()) return false;
    value.assign(found.data(), found.size());
    return true;
  }

  std::unique_ptr<Iterator> iterate(std::string_view family, std::string_view lower,
                                    std::string_view upper) const override {
    return std::make_unique<RocksDbIterator>(pin_, column_of(family), lower, upper);
  }

 private:
  const Column& column_of(std::string_view family) const {
    const Column* column = pin_->columns->find(family);
    if (!column) throw Damaged("no such family: " + std::string(family));
    return *column;
  }

  std::shared_ptr<const Pin> pin_;
};

}  // namespace

std::shared_ptr<const Snapshot> snapshot_of(std::shared_ptr<const Columns> columns) {
  return std::make_shared<RocksDbSnapshot>(std::move(columns));
}

}  // namespace lode::store
