// Failures of the server itself (not of what a client sent) go to the log here; the client gets 500
// `internal`.
#pragma once

#include <exception>
#include <string_view>

namespace lode::wire {

// `what` failed: "a read". Any thread. Holds nothing that a client sent.
void log_failure(std::string_view what, const std::exception& error);

}  // namespace lode::wire
