// The known word that a mistyped one most likely stands for. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lode::lodectl {

// Fewest single-letter changes (swaps of neighbours count as one). "" when none is near.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace lode::lodectl
