// What loded does with a data folder that nobody serves, instead of serving it: restore, verify, repair.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "node/config.h"

namespace lode::node {

struct OfflineRequest {
  enum class What : uint8_t { restore, verify, repair };
  What what = What::verify;
  std::string backups;             // restore, repair --from: the folder of backups; "" none
  std::optional<uint64_t> backup;  // which one; nothing: the newest
  std::optional<uint64_t> to_offset;
  std::string to_time;  // RFC 3339; "" none
  bool force = false, dry_run = false, deep = false, rebuild = false, json = false;
};

// On config.data_dir. Tells how far it is on a terminal, prints the result. Answers the exit code: 0 done,
// 1 failed, or damage was found or is left. Throws std::runtime_error with a sentence; InvalidConfig.
int run_offline(const Config& config, const OfflineRequest& request);

}  // namespace lode::node
