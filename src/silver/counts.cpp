#include "silver/counts.h"

#include <algorithm>

#include "store/bytes.h"
#include "store/keyed_table.h"

namespace lode::silver {

namespace {
constexpr const char* kFamily = "counts";
}

std::vector<store::Family> Counts::families() const { return {{kFamily, nullptr}}; }

void Counts::load(std::shared_ptr<const store::Snapshot> snapshot) {
  cells_.clear();
  changed_.clear();
  frozen_.clear();
  epoch_ = 1;
  for (auto at = snapshot->iterate(kFamily, {}, {}); at->valid(); at->next()) {
    auto number = static_cast<uint32_t>(store::number_of(at->key()));
    if (number >= cells_.size()) cells_.resize(number + 1 + number / 2);
    cells_[number].value = static_cast<uint32_t>(store::Unpacker(at->value()).number());
  }
}

void Counts::freeze() {
  frozen_.clear();
  for (uint32_t number : changed_) frozen_.emplace_back(number, cells_[number].value);
  changed_.clear();
  ++epoch_;
}

void Counts::write_frozen(store::Ingestion& ingestion) {
  if (frozen_.empty()) return;
  std::sort(frozen_.begin(), frozen_.end());
  ingestion.begin(kFamily);
  std::string value;
  for (const auto& [number, count] : frozen_) {
    value.clear();
    store::Packer(value).number(count);
    ingestion.put(store::key_of(number), value);
  }
}

void Counts::release_frozen(std::shared_ptr<const store::Snapshot>) { frozen_ = {}; }

uint64_t Counts::memory_bytes() const {
  return changed_.capacity() * sizeof(uint32_t) + frozen_.capacity() * sizeof(frozen_[0]);
}

}  // namespace lode::silver
