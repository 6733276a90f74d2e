// Offsets as one value of few bytes: what a control says of many records. Bytes: FORMAT.md. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/types.h"

namespace lode::record {

// Of the first of `ascending`, as many as take `most_bytes` before they are packed, and one at least;
// `ascending` becomes the rest. Not empty; each offset once.
std::string encode_offsets(std::span<const Offset>& ascending, size_t most_bytes);
// Ascending. Throws Corruption.
std::vector<Offset> decode_offsets(std::string_view bytes);

}  // namespace lode::record
