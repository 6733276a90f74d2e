// The two logs that one suite holds together, and what its tests begin with.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "log/memory_log.h"
#include "log/rocksdb_log.h"

namespace lode::log {

using record::EntryIndex;
using record::GroupId;

struct InMemory {
  MemoryLog log;
};

struct OnDisk {
  struct Folder {
    std::string path;
    Folder() {
      std::string name = (std::filesystem::temp_directory_path() / "lode-log-XXXXXX").string();
      if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
      path = name;
    }
    ~Folder() { std::filesystem::remove_all(path); }
  } folder;
  RocksDbLog log{{.path = folder.path}};
};

template <typename Home>
class LogConformance : public testing::Test {
 public:
  static constexpr GroupId kGroup{0};

  void append(uint64_t from, const std::vector<std::string>& payloads, uint64_t term = 1,
              GroupId group = kGroup) {
    std::vector<Entry> entries;
    for (const std::string& payload : payloads) {
      entries.push_back({{from + entries.size()}, {term}, EntryType::batch, payload});
    }
    log().append(group, entries);
  }

  std::vector<std::string> payloads_from(uint64_t from, GroupId group = kGroup) {
    std::vector<std::string> seen;
    log().scan(group, {from}, [&](const StoredEntry& entry) {
      EXPECT_EQ(entry.index.value, std::max(from, log().first_index(group).value) + seen.size());
      seen.push_back(entry.payload);
      return true;
    });
    return seen;
  }

  std::string payload_at(uint64_t index, GroupId group = kGroup) {
    const auto entry = log().read(group, {index});
    return entry ? entry->payload : "none";
  }

  Log& log() { return home_.log; }

 private:
  Home home_;
};

using Homes = testing::Types<InMemory, OnDisk>;

}  // namespace lode::log
