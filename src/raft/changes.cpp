#include "raft/changes.h"

#include "raft/configuration.h"
#include "raft/engine.h"

namespace lode::raft {

void Changes::reset(const std::optional<Snapshot>& snapshot) {
  by_index_.clear();
  if (snapshot) by_index_[snapshot->configuration_index.value] = snapshot->configuration;
}

void Changes::add(record::EntryIndex index, std::string_view payload) {
  auto configuration = decode_configuration(payload);
  if (!configuration) {
    throw Broken("raft: the configuration in entry " + std::to_string(index.value) + " can't be read");
  }
  by_index_[index.value] = std::move(*configuration);
}

void Changes::truncate(record::EntryIndex from) {
  by_index_.erase(by_index_.lower_bound(from.value), by_index_.end());
}

void Changes::forget(record::EntryIndex upto) {
  auto keep = by_index_.upper_bound(upto.value);
  if (keep != by_index_.begin()) by_index_.erase(by_index_.begin(), std::prev(keep));
}

const Configuration* Changes::at(record::EntryIndex index) const {
  const auto found = by_index_.find(index.value);
  return found == by_index_.end() ? nullptr : &found->second;
}

std::pair<record::EntryIndex, Configuration> Changes::as_of(record::EntryIndex index) const {
  auto behind = by_index_.upper_bound(index.value);
  if (behind == by_index_.begin()) return {};
  --behind;
  return {{behind->first}, behind->second};
}

}  // namespace lode::raft
