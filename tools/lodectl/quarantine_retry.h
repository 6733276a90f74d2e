// lodectl quarantine retry: one record or many, as they are or corrected.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "lodectl/command.h"

namespace lode::lodectl {

struct RetryOptions {
  std::vector<uint64_t> offsets;
  // Of what is in quarantine: rule, source, type, occurred_at, received_at.
  std::vector<std::pair<std::string, std::string>> filters;
  std::string event_file;         // "-": standard input
  std::vector<std::string> sets;  // "/pointer=value"
  uint64_t rate = 0;
  bool all = false, dry_run = false, detach = false;
};

// Answers the exit code: 1 when some are still refused.
int retry_quarantined(const Context& context, const RetryOptions& options);

}  // namespace lode::lodectl
