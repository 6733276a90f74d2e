// What is UTF-8 and what is not. Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace lode::wire {

// The length of the sequence at `at` (1 to 4), 0 when there is none: overlong, surrogate, past U+10FFFF, cut
// off.
size_t utf8_sequence(std::string_view text, size_t at);
bool is_utf8(std::string_view text);

}  // namespace lode::wire
