// Starting a task on a server and following it to its end: what every command does that takes long.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "lodectl/command.h"

namespace lode::lodectl {

struct TaskRequest {
  std::string kind;        // "replay"
  std::string parameters;  // a JSON object
  bool detach = false;     // only start it
};

// The flag --detach of a command that starts a task.
void add_detach(CLI::App& command, bool& detach);

// Starts the task, shows its progress on a terminal, and gives its result to `print` (with --json the whole
// task is printed instead). Ctrl-C leaves it running and says how to look after it; a server that starts
// again meanwhile is waited for. Answers the exit code; throws Failed when it is refused, fails or is
// cancelled.
int run_task(const Context& context, const TaskRequest& request,
             const std::function<void(std::string_view result)>& print);

// The same for one that runs already.
int follow_task(const Context& context, const std::string& id,
                const std::function<void(std::string_view result)>& print);

// The task in a few lines.
void print_task(std::string_view task);

// Throws Failed, kUsage: a task is one node's.
void require_one_server(const Context& context);

}  // namespace lode::lodectl
