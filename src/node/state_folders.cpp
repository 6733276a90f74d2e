#include "node/state_folders.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "env/log.h"
#include "materialize/log_gap.h"
#include "store/rocksdb_disk.h"

namespace lode::node {

namespace {

constexpr std::string_view kName = "state";

void report_trouble(const std::string& trouble) {
  if (trouble.empty()) return env::log_info("state.written", "the state is on the disk again");
  env::log_warning(
      "state.not_written",
      fmt::format("{}; it is tried again every second, meanwhile the log holds everything", trouble),
      {{"trouble", trouble}});
}

// Whatever it is, it is only in the way of disk space, and the next start sweeps it.
void remove_quietly(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  if (error)
    env::log_warning("folder.not_removed",
                     fmt::format("{} can't be removed: {}", folder.string(), error.message()),
                     {{"folder", folder.string()}, {"error", error.message()}});
}

}  // namespace

std::filesystem::path StateFolders::path(uint64_t folder) const {
  std::string name(kName);
  return data_dir_ / (folder == 0 ? name : name + "." + std::to_string(folder));
}

std::shared_ptr<materialize::Generation> StateFolders::open(const materialize::Ruleset& ruleset,
                                                            uint64_t folder) {
  auto open = [&](const std::vector<store::Family>& families) {
    auto disk = std::make_unique<store::RocksDbDisk>(path(folder), families);
    const store::Checkpoint at = store::checkpoint_of(*disk->snapshot());
    if (at.entry_index > 0 && at.ruleset_hash != ruleset.hash())  // its rows would be dropped
      materialize::require_replayable(log_, group_, {0}, "the ruleset changed");
    return disk;
  };
  return std::make_shared<materialize::Generation>(ruleset, hasher_, settings_, open, report_trouble);
}

void StateFolders::remove(uint64_t folder) { remove_quietly(path(folder)); }

store::Checkpoint StateFolders::copy(const materialize::Generation& of, uint64_t folder) {
  remove_quietly(path(folder));  // of a try that was cut short
  const store::Checkpoint copied = of.state().copy_to(path(folder));
  sync_names();  // before somebody lists it, and drops what it stands for
  return copied;
}

void StateFolders::sweep(const std::vector<uint64_t>& kept) {
  std::vector<std::filesystem::path> names;
  for (uint64_t folder : kept) names.push_back(path(folder).filename());
  for (const auto& entry : std::filesystem::directory_iterator(data_dir_)) {
    const std::string name = entry.path().filename();
    const bool is_state = name == kName || (name.starts_with("state.") && name.size() > 6 &&
                                            name.find_first_not_of("0123456789", 6) == std::string::npos);
    if (is_state && std::find(names.begin(), names.end(), name) == names.end()) remove_quietly(entry.path());
  }
}

void StateFolders::mark_damaged(uint64_t folder, const std::string& why) const {
  store::RocksDbDisk::mark_damaged(path(folder), why);
}

void StateFolders::place(const std::filesystem::path& fetched, uint64_t folder) const {
  std::filesystem::rename(fetched, path(folder));
  sync_names();
}

void StateFolders::sync_names() const {
  const int parent = ::open(data_dir_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = parent >= 0 && ::fsync(parent) == 0;
  const std::error_code error(errno, std::generic_category());
  if (parent >= 0) ::close(parent);
  if (!synced) throw std::filesystem::filesystem_error("a state's folder can't be synced", data_dir_, error);
}

}  // namespace lode::node
