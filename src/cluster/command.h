// What an operator tells a cluster, and what it says to that.
#pragma once

#include <cstdint>
#include <string>

#include "event/event.h"

namespace lode::cluster {

struct Command {
  // init, add, promote, remove, transfer, unsafe-recover, finalize, ruleset, views/<action>
  std::string name;
  uint64_t id = 0;
  std::string address;
  std::string body;  // of ruleset: its text; of views: a JSON object
};

struct CommandAnswer {
  int status = 200;
  event::Problem problem;  // when the status is not 200
  std::string json;
};

CommandAnswer refuse(int status, std::string code, std::string sentence);

}  // namespace lode::cluster
