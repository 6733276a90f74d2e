#include "silver/quality.h"

#include "store/bytes.h"

namespace lode::silver {

namespace {
constexpr const char* kFamily = "quality";
}

RuleCounts& Quality::of(std::string_view source) {
  auto found = counts_.find(source);
  if (found != counts_.end()) return found->second;
  if (counts_.size() >= kMaxSources) return counts_[kOtherSources];
  return counts_[std::string(source)];
}

std::vector<store::Family> Quality::families() const { return {{kFamily, nullptr}}; }

void Quality::load(std::shared_ptr<const store::Snapshot> snapshot) {
  counts_.clear();
  frozen_.clear();
  for (auto at = snapshot->iterate(kFamily, {}, {}); at->valid(); at->next()) {
    store::Unpacker in(at->value());
    RuleCounts& counts = counts_[std::string(at->key().substr(1))];
    for (RuleCount& count : counts) count = {in.number(), in.number(), in.number()};
  }
}

void Quality::freeze() {
  frozen_.clear();
  for (const auto& [source, counts] : counts_) {
    std::string& value = frozen_["s" + source];  // a key is never empty, a source can be
    store::Packer out(value);
    for (const RuleCount& count : counts) {
      out.number(count.seen);
      out.number(count.changed);
      out.number(count.quarantined);
    }
  }
}

void Quality::write_frozen(store::Ingestion& ingestion) {
  if (frozen_.empty()) return;
  ingestion.begin(kFamily);
  for (const auto& [key, value] : frozen_) ingestion.put(key, value);
}

void Quality::release_frozen(std::shared_ptr<const store::Snapshot>) { frozen_.clear(); }

}  // namespace lode::silver
