#include "store/row_table.h"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "store/byte_chunks.h"
#include "store/row_group.h"

namespace lode::store {

namespace {

struct Epoch {
  struct Row {
    uint64_t number;
    std::string_view bytes;
  };
  std::vector<Row> rows;  // ascending
  ByteChunks chunks;

  std::vector<Row>::const_iterator first_from(uint64_t number) const {
    return std::lower_bound(rows.begin(), rows.end(), number,
                            [](const Row& row, uint64_t wanted) { return row.number < wanted; });
  }

  bool get(uint64_t number, std::string& row) const {
    auto at = first_from(number);
    if (at == rows.end() || at->number != number) return false;
    row = at->bytes;
    return true;
  }

  bool scan(uint64_t from, uint64_t to, const RowVisit& visit) const {
    for (auto at = first_from(from); at != rows.end() && at->number < to; ++at) {
      if (!visit(at->number, at->bytes)) return false;
    }
    return true;
  }

  uint64_t memory_bytes() const { return chunks.memory_bytes() + rows.capacity() * sizeof(Row); }
};

}  // namespace

struct RowTable::Impl {
  std::string family;
  Epoch active, frozen;
  std::shared_ptr<const Snapshot> snapshot;
};

RowTable::RowTable(std::string family) : impl_(std::make_unique<Impl>()) {
  impl_->family = std::move(family);
}

RowTable::~RowTable() = default;

void RowTable::append(uint64_t number, std::string_view row) {
  Epoch& active = impl_->active;
  const Epoch& last = active.rows.empty() ? impl_->frozen : active;
  if (!last.rows.empty() && number <= last.rows.back().number) {
    throw std::logic_error("row numbers must ascend");
  }
  active.rows.push_back({number, active.chunks.append(row)});
}

bool RowTable::get(uint64_t number, std::string& row) const {
  if (impl_->active.get(number, row) || impl_->frozen.get(number, row)) return true;
  return get_grouped_row(*impl_->snapshot, impl_->family, {}, number, row);
}

void RowTable::scan(uint64_t from, uint64_t to, const RowVisit& visit) const {
  // Numbers ascend over epochs too.
  if (scan_grouped_rows(*impl_->snapshot, impl_->family, {}, from, to, visit) &&
      impl_->frozen.scan(from, to, visit)) {
    impl_->active.scan(from, to, visit);
  }
}

std::vector<Family> RowTable::families() const { return {{impl_->family, nullptr}}; }

void RowTable::load(std::shared_ptr<const Snapshot> snapshot) {
  impl_->active = {};
  impl_->frozen = {};
  impl_->snapshot = std::move(snapshot);
}

void RowTable::freeze() {
  impl_->frozen = std::move(impl_->active);
  impl_->active = {};
  impl_->active.rows.reserve(impl_->frozen.rows.size());
}

void RowTable::write_frozen(Ingestion& ingestion) {
  if (impl_->frozen.rows.empty()) return;
  ingestion.begin(impl_->family);
  RowGroupWriter groups(ingestion, {});
  for (const Epoch::Row& row : impl_->frozen.rows) groups.add(row.number, row.bytes);
  groups.finish();
}

void RowTable::release_frozen(std::shared_ptr<const Snapshot> snapshot) {
  impl_->frozen = {};
  impl_->snapshot = std::move(snapshot);
}

uint64_t RowTable::memory_bytes() const {
  return impl_->active.memory_bytes() + impl_->frozen.memory_bytes();
}

}  // namespace lode::store
