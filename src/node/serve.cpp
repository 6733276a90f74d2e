#include "node/serve.h"

#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "env/log.h"
#include "node/at_work.h"
#include "node/cluster_config.h"
#include "node/engine.h"
#include "node/limits.h"
#include "node/mapping_shelf.h"
#include "node/process.h"
#include "node/ruleset.h"
#include "node/serve_past.h"
#include "node/services.h"
#include "node/version.h"
#include "store/bytes.h"
#include "wire/server.h"

namespace lode::node {

namespace {

// An error nobody can go on from (a failed write of the log first of all): say it and end; what is on the
// disk decides.
[[noreturn]] void end_process() {
  try {
    if (auto error = std::current_exception()) std::rethrow_exception(error);
    env::log_critical("node.ending", "ending: a broken invariant");
  } catch (const std::exception& error) {
    env::log_critical("node.ending", fmt::format("ending: {}", error.what()), {{"error", error.what()}});
  } catch (...) {
    env::log_critical("node.ending", "ending: an unknown error");
  }
  std::_Exit(70);
}

// What a reload changes, all or nothing: what can fail comes first.
Reload::Take taker_of(Engine& engine, wire::Server& server, MappingShelf& mappings) {
  return [&](const Config& config, bool dry_run) {
    MappingShelf::Mappings fresh = MappingShelf::read(config.mappings_dir);
    if (dry_run) return;
    engine.change(config);
    mappings.put(std::move(fresh));
    server.change(wire_settings(config));
    set_up_logging(config);
  };
}

Vigil::Subject subject_of(Engine& engine, wire::Server& server) {
  return {.not_ready = [&engine] { return engine.not_ready(); },
          .waits_for_others = [&engine] { return engine.waits_for_others(); },
          .at_work = [&engine] { return at_work(engine); },
          .apply = [&engine] { return apply_work(engine); },
          .loops_answer = [&server](std::chrono::milliseconds within) { return server.is_alive(within); }};
}

// Recovers on a thread of its own so that orders are heard meanwhile.
Life::Order recover_and_serve(Engine& engine, Process& process) {
  std::atomic<bool> stopping = false;
  std::exception_ptr failure;
  std::thread recovery([&] {
    try {
      engine.recover(stopping);
      if (!stopping && engine.not_ready().empty()) env::log_info("node.ready", "ready");
    } catch (...) {
      failure = std::current_exception();
      process.life.tell(Life::Order::failed);
    }
  });
  const Life::Order order = process.serve();
  stopping = true;
  recovery.join();
  if (failure) std::rethrow_exception(failure);
  return order;
}

// `config` gets the ports that were taken, so that the next run has the same.
Life::Order run(Process& process, Config& config, MappingShelf& mappings, const Engine::Opening& opening) {
  Engine engine(config, process.clock, opening, [&process](cluster::Host::Restart how) {
    process.life.tell(how == cluster::Host::Restart::alone ? Life::Order::alone : Life::Order::again);
  });
  wire::Services services = services_of(engine, mappings, process.clock);
  services.reload = process.reload_service();
  wire::Server server(wire_settings(config), std::move(services));
  server.start();
  config.http_listen = server.http_address();
  config.tcp_listen = server.tcp_address();
  engine.set_client_addresses(config.http_listen, config.tcp_listen);
  env::log_info("node.serving",
                fmt::format("loded {} serves {} on http://{} and tcp {}", kVersion, config.data_dir,
                            config.http_listen, config.tcp_listen),
                {{"version", kVersion},
                 {"data_dir", config.data_dir},
                 {"http", config.http_listen},
                 {"tcp", config.tcp_listen}});
  Life::Order order;
  {
    const Vigil::Watching watching(process.vigil, subject_of(engine, server));
    const Reload::Taking taking(process.reload, taker_of(engine, server, mappings));
    order = recover_and_serve(engine, process);
  }
  if (order == Life::Order::end) {
    engine.begin_checkpoint();
    engine.hand_over();
  } else {
    env::log_info("node.again", "beginning again");
  }
  server.stop(kGrace);
  engine.stop();
  return order;
}

// With the addresses that were bound before.
Config again(const Config& config, const Config& bound) {
  Config out = config;
  out.http_listen = bound.http_listen;
  out.tcp_listen = bound.tcp_listen;
  return out;
}

void serve_node(Process& process) {
  Config config = process.reload.config();
  MappingShelf mappings(config.mappings_dir);
  std::vector<std::string> listens{config.http_listen, config.tcp_listen};
  if (is_clustered(config)) listens.push_back(config.cluster_listen);
  wire::check_addresses(listens);
  Engine::Opening opening;
  for (;;) {
    try {
      const Life::Order order = run(process, config, mappings, opening);
      if (order == Life::Order::end) return;
      opening = {.alone = order == Life::Order::alone};
      config = again(process.reload.config(), config);
    } catch (const store::Damaged& error) {
      if (opening.without_state) throw;
      env::log_warning("state.damaged", error.what(), {{"error", error.what()}});
      opening.without_state = true;
    }
  }
}

}  // namespace

int serve(const ConfigSource& source) {
  std::signal(SIGPIPE, SIG_IGN);
  Process process(source);
  std::set_terminate(end_process);
  if (process.reload.config().read_only) {
    serve_past(process);
  } else {
    serve_node(process);
  }
  const int64_t took = process.life.ending_for().count();
  env::log_info("node.stopped", "stopped", {{"took_ms", took}});
  return 0;
}

void check(const Config& config) {
  try {
    configured_ruleset(config);
    MappingShelf{config.mappings_dir};
  } catch (const std::exception& error) {
    throw InvalidConfig(error.what());
  }
}

}  // namespace lode::node
