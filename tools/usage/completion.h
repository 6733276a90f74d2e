// Completion scripts of a program, for a shell. Pure.
#pragma once

#include <ostream>
#include <string>

namespace CLI {
class App;
}

namespace lode::usage {

// `shell`: bash, zsh or fish. Throws std::invalid_argument for another.
void write_completion(const CLI::App& app, const std::string& shell, std::ostream& out);

}  // namespace lode::usage
