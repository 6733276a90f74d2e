// Writing JSON text. Whatever goes in, valid UTF-8 and valid JSON come out. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace lode::wire {

// Appends `text` as a JSON string with its quotes: control characters, quotes and backslashes escaped, bytes
// that are not UTF-8 replaced by U+FFFD.
void append_json_string(std::string& out, std::string_view text);
std::string json_string(std::string_view text);

}  // namespace lode::wire
