// What nodes tell each other about themselves, once a second: for the status, for comparing state hashes, for
// sending a client to the leader. Bytes: FORMAT.md. Plain values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peer/hello.h"
#include "raft/message.h"
#include "store/digest.h"

namespace lode::cluster {

enum class Place : uint8_t {
  waiting = 0,
  follower = 1,
  candidate = 2,
  leader = 3,
  installing = 4,
  removed = 5
};
std::string_view name_of(Place place);

// The state hash once a log entry is applied.
struct Mark {
  uint64_t entry = 0;
  store::Digest hash;
  friend bool operator==(const Mark&, const Mark&) = default;
};

// A generation of the state that is being built beside the serving one.
struct Build {
  uint64_t ruleset_hash = 0;  // 0: none
  uint64_t entry = 0;         // it has come so far
  uint64_t of = 0;
  bool caught_up = false;
};

struct Facts {
  peer::ClusterId cluster;  // none: an empty node
  raft::NodeId node;
  Place place = Place::waiting;
  uint64_t term = 0;
  raft::NodeId leader;                                    // 0: not known
  uint64_t commit = 0, last = 0, floor = 0, applied = 0;  // entries
  int64_t applied_offset = -1;
  store::Digest state_hash;  // at applied_offset
  uint32_t level = 1, newest_level = 1;
  uint64_t ruleset_hash = 0;
  Build build;
  uint64_t fetched_bytes = 0, fetch_bytes = 0;  // of a snapshot that is coming in; 0 of 0: none is
  std::string http, tcp;                        // where clients reach it
  std::string software;
  std::string trouble;      // a sentence; "" when all is well
  std::vector<Mark> marks;  // ascending by entry
};

// Who asks, and what it takes the other end for.
struct FactsRequest {
  peer::ClusterId cluster;
  raft::NodeId node;
  bool joined = false;  // the other end is a member that was part of the cluster before
  std::string address;  // where the asking node can be called
};

std::string encode(const Facts& facts);
std::string encode(const FactsRequest& request);
// Throw peer::BadFrame.
Facts decode_facts(std::string_view bytes);
FactsRequest decode_facts_request(std::string_view bytes);

}  // namespace lode::cluster
