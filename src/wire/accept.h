// Accept: which of the media types that we can make a client wants most. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace lode::wire {

// The index of the best of `offered` (the first of equals; the first when `accept` is empty). Nothing: none
// of them is acceptable. The most specific range decides a type's q-value (RFC 9110, 12.5.1).
std::optional<size_t> negotiate(std::string_view accept, std::span<const std::string_view> offered);

}  // namespace lode::wire
