// Raft's messages as frames (FORMAT.md). Pure; any thread.
#pragma once

#include "peer/frame.h"
#include "raft/message.h"

namespace lode::peer {

inline constexpr uint32_t kMaxEntries = 65'536;  // of one AppendEntries
inline constexpr uint16_t kMaxServers = 1'024;   // of one configuration

// The frame shares the entries' payloads; it copies none. More entries or servers than may be:
// std::length_error. A body past kMaxBodyBytes is for the caller to see.
OutFrame encode(const raft::Message& message);

// Entries point into the frame's memory and share its owner. Throws BadFrame.
raft::Message decode_message(const Frame& frame);

bool is_raft(FrameType type);

}  // namespace lode::peer
