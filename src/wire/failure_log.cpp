#include "wire/failure_log.h"

#include <fmt/format.h>

#include "env/log.h"

namespace lode::wire {

void log_failure(std::string_view what, const std::exception& error) {
  env::log_error("request.failed", fmt::format("{} failed: {}", what, error.what()),
                 {{"what", what}, {"error", error.what()}});
}

}  // namespace lode::wire
