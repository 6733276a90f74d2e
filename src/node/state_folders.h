// The folders in the data folder where generations lie: `state` is number 0, `state.<n>` every other one. Any
// thread.
#pragma once

#include <filesystem>

#include "materialize/succession.h"
#include "store/checkpoint.h"

namespace lode::node {

class StateFolders final : public materialize::Folders {
 public:
  // `hasher` and the log, which rows that are dropped are made from again, outlive it.
  StateFolders(std::filesystem::path data_dir, const store::Hasher& hasher, const log::Log& log,
               record::GroupId group, materialize::Settings settings)
      : data_dir_(std::move(data_dir)), hasher_(hasher), log_(log), group_(group), settings_(settings) {}

  // Throws materialize::LogTruncated, too: rows of another ruleset lie there, and can't be made anew.
  std::shared_ptr<materialize::Generation> open(const materialize::Ruleset& ruleset,
                                                uint64_t folder) override;
  void remove(uint64_t folder) override;
  store::Checkpoint copy(const materialize::Generation& of, uint64_t folder) override;
  void sweep(const std::vector<uint64_t>& kept) override;
  std::filesystem::path path(uint64_t folder) const override;
  // What lies there, open or not, is made anew at the next opening.
  void mark_damaged(uint64_t folder, const std::string& why) const;
  // A folder that was fetched becomes that one. Throws std::filesystem::filesystem_error.
  void place(const std::filesystem::path& fetched, uint64_t folder) const;

 private:
  void sync_names() const;  // of the folders: a power loss leaves them

  const std::filesystem::path data_dir_;
  const store::Hasher& hasher_;
  const log::Log& log_;
  const record::GroupId group_;
  const materialize::Settings settings_;
};

}  // namespace lode::node
