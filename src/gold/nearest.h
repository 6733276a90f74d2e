// "Did you mean": the known name that is nearest to an unknown one. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lode::gold {

// By edit distance, the first of equals; "" when nothing is known.
std::string nearest(std::string_view name, const std::vector<std::string>& known);

}  // namespace lode::gold
