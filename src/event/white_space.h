// White space of Unicode (NBSP included) in UTF-8: what admission and the cleaning rules take for it. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace lode::event {

// How many bytes of white space `text` begins with; 0: none.
size_t space_at(std::string_view text);

// Not empty, and white space alone.
bool is_blank(std::string_view text);

}  // namespace lode::event
