#include "node/process.h"

#include <fmt/format.h>

#include <string>

#include "env/log.h"
#include "node/log_output.h"

namespace lode::node {

void set_up_logging(const Config& config) {
  set_log_output(log_form_of(config.log_format), log_level_of(config.log_level));
}

Process::Process(const ConfigSource& source)
    : reload(source, vigil), life([this](const char* signal) {
        const std::string why = std::string("stopping: ") + signal;
        env::log_info("node.stopping", why, {{"signal", signal}});
        vigil.stopping(why);
      }) {
  set_up_logging(reload.config());
}

Life::Order Process::serve() {
  for (;;) {
    const Life::Order order = life.wait();
    if (order != Life::Order::reload) return order;
    reload.run(false);
  }
}

std::function<wire::ReloadAnswer(bool)> Process::reload_service() {
  return [this](bool dry_run) -> wire::ReloadAnswer {
    auto outcome = reload.run(dry_run);
    if (const auto* problem = std::get_if<event::Problem>(&outcome))
      return {problem->code == "not_ready" ? 503 : 409, "", *problem};
    return {200, json_of(std::get<Reloaded>(outcome), dry_run), {}};
  };
}

}  // namespace lode::node
