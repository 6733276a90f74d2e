// What one process of loded has, whatever it serves: its orders, what it tells the service manager, and its
// configuration.
#pragma once

#include "env/clock.h"
#include "env/service_manager.h"
#include "node/config.h"
#include "node/life.h"
#include "node/reload.h"
#include "node/vigil.h"
#include "wire/services.h"

namespace lode::node {

struct Process {
  // Sets the log up, too. Throws InvalidConfig.
  explicit Process(const ConfigSource& source);

  // Reloads as it is told to; the first other order.
  Life::Order serve();
  // For a route.
  std::function<wire::ReloadAnswer(bool dry_run)> reload_service();

  struct WithoutSignals {
    WithoutSignals() { Life::block_signals(); }
  };
  WithoutSignals without_signals;  // before the first thread
  env::SystemClock clock;
  env::ServiceManager manager = env::ServiceManager::of_environment();
  Vigil vigil{manager, clock};
  Reload reload;
  Life life;
};

// From now on the log goes where, and has the form that, the configuration says.
void set_up_logging(const Config& config);

// How long requests in flight may take once the process is to end.
constexpr std::chrono::milliseconds kGrace{2000};

}  // namespace lode::node
