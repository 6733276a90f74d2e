// Generations' folders on a real disk, in a folder of the test's own.
#pragma once

#include <algorithm>
#include <string>

#include "conformance/store_folder.h"
#include "materialize/succession.h"
#include "store/rocksdb_disk.h"

namespace lode::test {

class DiskFolders final : public materialize::Folders {
 public:
  DiskFolders(const store::Hasher& hasher, materialize::Settings settings)
      : hasher_(hasher), settings_(settings) {}

  std::shared_ptr<materialize::Generation> open(const materialize::Ruleset& rules, uint64_t folder) override {
    return std::make_shared<materialize::Generation>(rules, hasher_, settings_, [&](const auto& families) {
      return std::make_unique<store::RocksDbDisk>(path(folder), families);
    });
  }
  void remove(uint64_t folder) override { std::filesystem::remove_all(path(folder)); }
  store::Checkpoint copy(const materialize::Generation& of, uint64_t folder) override {
    remove(folder);
    return of.state().copy_to(path(folder));
  }
  std::filesystem::path path(uint64_t folder) const override { return home_.path() / std::to_string(folder); }
  void sweep(const std::vector<uint64_t>& kept) override {
    for (const uint64_t number : numbers())
      if (std::find(kept.begin(), kept.end(), number) == kept.end()) remove(number);
  }
  std::vector<uint64_t> numbers() const {
    std::vector<uint64_t> out;
    for (const auto& entry : std::filesystem::directory_iterator(home_.path()))
      out.push_back(std::stoull(entry.path().filename().string()));
    std::sort(out.begin(), out.end());
    return out;
  }
  const std::filesystem::path& home() const { return home_.path(); }

 private:
  TemporaryFolder home_;
  const store::Hasher& hasher_;
  const materialize::Settings settings_;
};

}  // namespace lode::test
