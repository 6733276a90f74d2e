// The log and the state of a data folder, or of a copy of one, that no server has open.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "log/rocksdb_log.h"
#include "materialize/control_state.h"
#include "materialize/generation.h"
#include "store/hash96.h"
#include "store/rocksdb_disk.h"

namespace lode::admin {

inline constexpr record::GroupId kOnlyGroup{0};

// One thread. Opening changes the folder's files as a start of the server does.
class StoppedData {
 public:
  // Throws log::OpenFailed, record::Corruption; std::runtime_error for a log that no server has used.
  explicit StoppedData(const std::filesystem::path& log_folder);

  log::RocksDbLog& log() { return *log_; }
  const log::RocksDbLog& log() const { return *log_; }
  const store::Hasher& hasher() const { return hasher_; }
  materialize::ControlState controls() const;  // throws record::Corruption
  record::EntryIndex last() const { return log_->last_index(kOnlyGroup); }

  // What lies in `folder`, or an empty state where nothing does, under the ruleset that holds. The log
  // outlives it. Throws store::Damaged, store::UnknownFamily; std::runtime_error when this program makes
  // other rows under that ruleset, or those that lie there are of another one.
  // `look` sees the files first.
  std::unique_ptr<materialize::Generation> open_state(
      const std::filesystem::path& folder,
      const std::function<void(const store::RocksDbDisk&)>& look = nullptr) const;
  // Applies what the log holds behind what `generation` is made of, up to `last`, and no control that was not
  // told yet: that is for the server's start. Brings it onto the disk. `tell` is asked after each entry
  // whether to go on. Throws materialize::LogTruncated, record::Corruption.
  void apply(materialize::Generation& generation, record::EntryIndex last,
             const std::function<bool(record::EntryIndex)>& tell) const;

 private:
  std::unique_ptr<log::RocksDbLog> log_;
  store::Hasher hasher_;
};

}  // namespace lode::admin
