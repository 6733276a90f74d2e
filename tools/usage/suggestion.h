// The known word that a mistyped one most likely stands for, and what that makes of a parser's refusal. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace lode::usage {

// Fewest single-letter changes (swaps of neighbours count as one). "" when none is near.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

// The innermost command that the arguments named.
const CLI::App* deepest(const CLI::App& app);

// `what` the parser says of the arguments; of an unknown word, that it is, and which known one is near.
std::string refusal_of(const CLI::App& app, const std::string& what);

}  // namespace lode::usage
