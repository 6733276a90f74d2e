// What the store's writer writes and its kill test expects: an epoch puts its number in every row and adds 1
// to every sum.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/rocksdb_disk.h"

namespace lode::store {

inline constexpr int kReportFd = 3;  // of the writer: where it tells, as an int64_t, what it has done
inline constexpr int64_t kClears =
    -1;  // told before a clear; all else told is an epoch whose commit returned
inline constexpr int kRowsAnEpoch = 500;

inline std::string add(std::string_view older, std::string_view newer) {
  return std::to_string(std::stoll(std::string(older)) + std::stoll(std::string(newer)));
}

inline std::vector<Family> families() { return {{"rows", nullptr}, {"history", nullptr}, {"sums", add}}; }

// The last epoch that is there; 0 without one.
inline int64_t epoch_of(const Snapshot& snapshot) {
  std::string value;
  return snapshot.get(kMetaFamily, "checkpoint", value) ? std::stoll(value) : 0;
}

}  // namespace lode::store
