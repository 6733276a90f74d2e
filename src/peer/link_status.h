// What is known of the way to a peer and back, for status and metrics. Values; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "raft/message.h"

namespace lode::peer {

struct LinkStatus {
  raft::NodeId node;
  std::string address;
  bool connected = false;                    // our connection to it stands and was welcomed
  bool heard = false;                        // its connection to us
  int64_t since_micros = 0;                  // wall clock; when `connected` last changed
  std::optional<int64_t> round_trip_micros;  // of the last ping
  uint16_t version = 0;                      // agreed in the last welcome
  uint64_t features = 0;
  std::string software;    // of the other end
  std::string last_error;  // why it is not, or was last not connected
  uint64_t connects = 0;   // welcomes
  uint64_t sent_bytes = 0, received_bytes = 0;
  uint64_t sent_messages = 0, received_messages = 0;  // Raft's; sent means queued
  uint64_t dropped_messages = 0;                      // not connected, queue full, too large
  uint64_t calls = 0, failed_calls = 0;               // failed: no answer from the handler came
  uint64_t queued_bytes = 0;                          // waiting now
};

// The counters of one peer over all of its connections, both ways.
struct Traffic {
  std::atomic<uint64_t> sent_bytes{0}, received_bytes{0};
  std::atomic<uint64_t> sent_messages{0}, received_messages{0}, dropped_messages{0};
  std::atomic<uint64_t> calls{0}, failed_calls{0};
  std::atomic<bool> heard{false};
};

}  // namespace lode::peer
