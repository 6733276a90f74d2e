// The server's program, for what is done to a folder that no server has open: the engine is in it, not here.
#pragma once

#include <string>
#include <vector>

namespace lode::lodectl {

// Runs `loded ARGUMENT…` in place of this process: the one that lies beside this program, else the one on the
// PATH. Returns only by throwing Failed.
[[noreturn]] void become_server_program(const std::vector<std::string>& arguments);

}  // namespace lode::lodectl
