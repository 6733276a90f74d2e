#include "admin/stopped_data.h"

#include <algorithm>
#include <array>

#include "materialize/replay.h"
#include "record/batch.h"

namespace lode::admin {

namespace {

store::Hasher hasher_of(const log::Log& log) {
  std::array<uint8_t, 16> secret{};
  const auto kept = log.get_meta("secret");
  if (!kept) throw std::runtime_error("the log has no secret: no server has ever used it");
  if (kept->size() != secret.size()) throw record::Corruption("the log's secret is damaged");
  std::copy(kept->begin(), kept->end(), secret.begin());
  return store::Hasher(secret);
}

}  // namespace

StoppedData::StoppedData(const std::filesystem::path& log_folder)
    : log_(std::make_unique<log::RocksDbLog>(log::RocksDbLogOptions{.path = log_folder.string()})),
      hasher_(hasher_of(*log_)) {}

materialize::ControlState StoppedData::controls() const {
  auto controls = materialize::ControlState::load(*log_);
  if (!controls) throw std::runtime_error("the log has no ruleset: no server has ever used it");
  return *controls;
}

std::unique_ptr<materialize::Generation> StoppedData::open_state(
    const std::filesystem::path& folder, const std::function<void(const store::RocksDbDisk&)>& look) const {
  const auto active = controls().active;
  auto rules = materialize::Ruleset::decode(active.text);
  if (rules.hash() != active.hash)
    throw std::runtime_error(
        "the ruleset in the log makes other rows with this program than with the one that it "
        "was made for: use that one, or start the server, which makes them anew");
  auto open = [&](const std::vector<store::Family>& families) {
    auto disk = std::make_unique<store::RocksDbDisk>(folder, families);
    if (look) look(*disk);
    const store::Checkpoint at = store::checkpoint_of(*disk->snapshot());
    if (at.entry_index > 0 && at.ruleset_hash != active.hash)
      throw std::runtime_error("the state was made under another ruleset than the one that holds");
    return disk;
  };
  return std::make_unique<materialize::Generation>(std::move(rules), hasher_, materialize::Settings{}, open);
}

void StoppedData::apply(materialize::Generation& generation, record::EntryIndex last,
                        const std::function<bool(record::EntryIndex)>& tell) const {
  auto& materializer = generation.materializer();
  const uint64_t from = materializer.applied_entry().value + 1, told = controls().entry;
  if (from > last.value) return;
  generation.expect(last.value + 1 - from);
  materializer.set_replaying(true);
  materialize::replay(*log_, kOnlyGroup, {from}, hasher_, [&](const materialize::CommittedEntry& entry) {
    if (entry.control && entry.index.value > told) return false;
    materializer.apply(entry, nullptr);
    return tell(entry.index) && entry.index < last;
  });
  materializer.set_replaying(false);
  materializer.checkpoint();
}

}  // namespace lode::admin
