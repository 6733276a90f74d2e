#include "wire/failure_log.h"

#include <spdlog/spdlog.h>

namespace lode::wire {

void log_failure(std::string_view what, const std::exception& error) {
  spdlog::error("{} failed: {}", what, error.what());
}

}  // namespace lode::wire
