// The bytes of a call that carries record batches to the leader, and of a membership command on its way
// there. FORMAT.md. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/command.h"

namespace lode::cluster {

std::string encode_payloads(const std::vector<std::shared_ptr<const std::string>>& payloads);
std::string encode(const Command& command);
std::string encode(const CommandAnswer& answer);
// Throw peer::BadFrame.
std::vector<std::shared_ptr<const std::string>> decode_payloads(std::string_view bytes);
Command decode_command(std::string_view bytes);
CommandAnswer decode_command_answer(std::string_view bytes);

}  // namespace lode::cluster
