// The files of a log and a state of one moment, in a folder beside those that the node works on: hard links,
// so it costs next to nothing, and what goes on meanwhile does not touch it. What a backup is made of, and
// what is verified.
#pragma once

#include <filesystem>
#include <functional>

#include "admin/watch.h"
#include "log/rocksdb_log.h"
#include "materialize/control_state.h"
#include "store/checkpoint.h"

namespace lode::admin {

// A node that serves, as far as a copy needs it. Any thread.
struct LiveData {
  const log::RocksDbLog& log;
  record::GroupId group;
  std::filesystem::path data_dir;
  // Of the generation that serves. The first has what is applied written, and does not wait for it; while
  // other rows are being written it does nothing.
  std::function<void()> make_durable;
  std::function<store::Checkpoint()> durable;
  std::function<store::Checkpoint(const std::filesystem::path& folder)> copy_state;
  std::function<store::Checkpoint()> applied;
};

inline constexpr std::string_view kCopySuffix = ".tmp";

// Owns the folder: it goes with this. Throws std::filesystem::filesystem_error, std::runtime_error,
// store::Damaged, store::WriteFailed.
class DataCopy {
 public:
  // Of a node that serves, in <data_dir>/<name>, a name with kCopySuffix; what a killed process left there
  // goes first.
  DataCopy(const LiveData& data, const std::string& name, const Watch& watch);
  // Of a data folder that no process serves; throws std::runtime_error when one does. A log that can't be
  // opened has no controls, and its newest state folder is taken.
  DataCopy(const std::filesystem::path& data_dir, const std::string& name);
  ~DataCopy();
  DataCopy(const DataCopy&) = delete;
  DataCopy& operator=(const DataCopy&) = delete;

  std::filesystem::path folder() const { return folder_; }
  std::filesystem::path log_folder() const { return folder_ / "log"; }
  std::filesystem::path state_folder() const { return folder_ / "state"; }
  // Of a node that served.
  const store::Checkpoint& state() const { return state_; }
  const store::Checkpoint& applied() const { return applied_; }
  uint64_t state_number() const { return state_number_; }  // of its folder

 private:
  bool take(const LiveData& data, const Watch& watch);

  const std::filesystem::path folder_;
  store::Checkpoint state_, applied_;
  uint64_t state_number_ = 0;
};

// The folder of generation `number` in a data folder.
std::filesystem::path state_path(const std::filesystem::path& data_dir, uint64_t number);
// What killed processes left of copies in a data folder that this process has open; no task runs.
void remove_copies(const std::filesystem::path& data_dir);
// Whether `path` is `folder` or lies in it, there or not yet, with links followed.
bool is_inside(const std::filesystem::path& path, const std::filesystem::path& folder);
// Whether a process serves what is there.
bool is_served(const std::filesystem::path& data_dir);

}  // namespace lode::admin
