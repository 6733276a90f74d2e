// Cleaning of text: white space and case. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace lode::silver {

// Unicode white space (NBSP included) taken off both ends, and each run of it inside made one space. False:
// the text was clean already, and `out` is left alone. Bytes that are not UTF-8 are kept.
bool collapse_space(std::string_view text, std::string& out);

// ASCII letters only; others stay as they are. False: nothing to do, `out` is left alone.
bool upper_ascii(std::string_view text, std::string& out);
std::string lower_ascii(std::string_view text);

}  // namespace lode::silver
