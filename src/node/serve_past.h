// loded --read-only: a state of the past, which `lodectl replay --to --into` made, served for reading.
#pragma once

#include "node/process.h"

namespace lode::node {

// Until it is told to end. Throws std::exception with a sentence.
void serve_past(Process& process);

}  // namespace lode::node
