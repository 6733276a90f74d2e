// loded --read-only: a state of the past, which `lodectl replay --to --into` made, served for reading.
#pragma once

#include "node/config.h"
#include "wire/services.h"

namespace lode::node {

// Until SIGTERM or SIGINT, which are blocked by the caller. Throws std::exception with a sentence.
int serve_past(const Config& config, const wire::Settings& settings);

}  // namespace lode::node
