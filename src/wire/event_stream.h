// Server-sent events: their text, and the head of such an answer. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "wire/message.h"

namespace lode::wire {

constexpr std::string_view kHeartbeat = ": still here\n\n";

// `data` has no line breaks.
void append_server_event(std::string& out, std::string_view type, int64_t id, std::string_view data);
Response event_stream_head();

}  // namespace lode::wire
