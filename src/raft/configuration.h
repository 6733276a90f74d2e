// The bytes of a configuration, as a CHANGE entry carries them, and the single steps from one configuration
// to the next: the library changes one server at a time. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "raft/message.h"

namespace lode::raft {

std::string encode(const Configuration& configuration);
// Nothing when the bytes are no configuration.
std::optional<Configuration> decode_configuration(std::string_view bytes);

const Server* find(const Configuration& configuration, NodeId id);
size_t voters(const Configuration& configuration);
bool is_voter(const Configuration& configuration, NodeId id);
// `id` alone decides what is committed.
bool is_sole_voter(const Configuration& configuration, NodeId id);

}  // namespace lode::raft
