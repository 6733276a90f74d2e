// What a node of a cluster offers to its sessions. All functions may be empty, which is a program without a
// cluster: it leads itself, every read of it is linearizable, and there is nothing to command. Any thread may
// call them; none of them blocks for long.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "event/problem.h"
#include "ingest/ingest.h"

namespace lode::wire {

// What an operator asks for. A member that the command does not take, or that was not sent, is 0 or empty.
struct ClusterCommand {
  // init, add, promote, remove, transfer, unsafe-recover, finalize, ruleset, views/<action>
  std::string name;
  uint64_t id = 0;  // the node that it is about; transfer: 0 leaves the choice to the leader
  std::string address;
  std::string body;  // ruleset: its text; views: a JSON object
};

struct ClusterAnswer {
  int status = 200;
  event::Problem problem;  // when the status is not 200
  std::string json;        // when it is
};

struct Leader {
  bool self = false;
  uint64_t id = 0;
  std::string http, tcp;  // address:port; "" when not known
};

struct ClusterServices {
  // `done` is called once, on any thread, perhaps within the call.
  std::function<void(ClusterCommand command, std::function<void(ClusterAnswer)> done)> command;
  std::function<std::string()> status_json;   // GET /v1/cluster
  std::function<std::string()> ruleset_text;  // GET /v1/ruleset: the one that is in force
  std::function<std::optional<Leader>()> leader;
  // `done` is called once, on any thread: with an offset, everything that was acknowledged anywhere before
  // this call lies at or below it; or with why nobody can tell.
  std::function<void(std::function<void(std::optional<ingest::Refusal>, int64_t offset)> done)> barrier;
};

}  // namespace lode::wire
