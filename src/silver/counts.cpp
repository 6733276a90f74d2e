#include "silver/counts.h"

#include <algorithm>

#include "store/bytes.h"
#include "store/keyed_table.h"

namespace lode::silver {

namespace {
constexpr const char* kFamily = "counts.blocks";
}

std::vector<store::Family> Counts::families() const { return {{kFamily, nullptr}}; }

void Counts::load(std::shared_ptr<const store::Snapshot> snapshot) {
  blocks_.clear();
  changed_.clear();
  frozen_.clear();
  epoch_ = 1;
  for (auto at = snapshot->iterate(kFamily, {}, {}); at->valid(); at->next()) {
    uint64_t number = store::number_of(at->key());
    if (number > UINT32_MAX / kBlock) throw store::Damaged("counts of impossible numbers");
    if (number >= blocks_.size()) blocks_.resize(number + 1 + number / 2);
    store::Unpacker unpack(at->value());
    for (uint32_t& value : blocks_[number].values) value = static_cast<uint32_t>(unpack.number());
  }
}

void Counts::freeze() {
  frozen_.clear();
  frozen_.reserve(changed_.size());
  for (uint32_t number : changed_) frozen_.push_back({number, blocks_[number].values});
  changed_.clear();
  ++epoch_;
}

void Counts::write_frozen(store::Ingestion& ingestion) {
  if (frozen_.empty()) return;
  std::sort(frozen_.begin(), frozen_.end(),
            [](const Frozen& a, const Frozen& b) { return a.number < b.number; });
  ingestion.begin(kFamily);
  std::string row;
  for (const Frozen& block : frozen_) {
    row.clear();
    store::Packer pack(row);
    for (uint32_t value : block.values) pack.number(value);
    ingestion.put(store::key_of(block.number), row);
  }
}

void Counts::release_frozen(std::shared_ptr<const store::Snapshot>) { frozen_ = {}; }

uint64_t Counts::memory_bytes() const {
  return changed_.capacity() * sizeof(uint32_t) + frozen_.capacity() * sizeof(frozen_[0]);
}

}  // namespace lode::silver
