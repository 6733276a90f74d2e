// The body of an administrative request: of one content type, small, perhaps compressed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/exchange.h"

namespace lode::wire {

constexpr uint64_t kCommandBytes = 64 * 1024;

// Undoes the Content-Encoding. A response: 415, 413 or 400, and nothing is to be done.
std::optional<Response> refuse_body(Request& request, std::string_view wanted, uint64_t limit);

// RFC 6901.
std::string pointer_to(std::string_view member);

}  // namespace lode::wire
