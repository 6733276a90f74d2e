#include "node/serve.h"

#include <fmt/format.h>
#include <pthread.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "env/log.h"
#include "event/mapping.h"
#include "node/built_in.h"
#include "node/cluster_config.h"
#include "node/engine.h"
#include "node/limits.h"
#include "node/log_output.h"
#include "node/ruleset.h"
#include "node/serve_past.h"
#include "node/services.h"
#include "node/version.h"
#include "query/page.h"
#include "store/bytes.h"
#include "wire/server.h"

namespace lode::node {

namespace {

Mappings read_mappings(const Config& config) {
  Mappings mappings;
  auto add = [&](std::string_view file, std::string_view text) {
    std::string name(file.substr(0, file.rfind('.')));
    mappings.emplace(name, event::parse_mapping(text, file));
  };
  if (config.mappings_dir.empty()) {
    for (const BuiltIn& file : built_in_mappings()) add(file.name, file.text);
    return mappings;
  }
  for (const auto& entry : std::filesystem::directory_iterator(config.mappings_dir)) {
    if (entry.path().extension() != ".toml") continue;
    std::ifstream in(entry.path());
    std::stringstream text;
    text << in.rdbuf();
    add(entry.path().filename().string(), text.str());
  }
  return mappings;
}

wire::Settings wire_settings(const Config& config) {
  wire::Settings settings;
  settings.http_listen = config.http_listen;
  settings.tcp_listen = config.tcp_listen;
  settings.threads = static_cast<uint32_t>(config.threads);
  settings.max_connections = static_cast<uint32_t>(config.max_connections);
  settings.header_bytes = static_cast<uint32_t>(config.header_bytes);
  settings.idle_seconds = static_cast<uint32_t>(config.idle_seconds);
  settings.request_seconds = static_cast<uint32_t>(config.request_seconds);
  settings.answer_bytes = config.answer_bytes;
  settings.limits = limits_of(config);
  return settings;
}

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

void set_up_logging(const Config& config) {
  set_log_output(log_form_of(config.log_format), log_level_of(config.log_level));
}

sigset_t end_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&set, signal);
  return set;
}

// How a node's run ended; SIGUSR1, to itself, makes it begin again in this process.
enum class Ended { stopped, again, alone };

// Recovers on a thread of its own so that a stop is heard meanwhile.
int wait_for_signal(Engine& engine) {
  std::atomic<bool> stopping = false;
  std::exception_ptr failure;
  std::thread recovery([&] {
    try {
      engine.recover(stopping);
      if (!stopping && engine.not_ready().empty()) env::log_info("node.ready", "ready");
    } catch (...) {
      failure = std::current_exception();
      kill(getpid(), SIGTERM);
    }
  });
  sigset_t set = end_signals();
  int signal = 0;
  sigwait(&set, &signal);
  stopping = true;
  recovery.join();
  if (failure) std::rethrow_exception(failure);
  return signal;
}

// `config` gets the ports that were taken, so that the next run has the same.
Ended run(Config& config, const Mappings& mappings, const Engine::Opening& opening) {
  env::SystemClock clock;
  std::atomic<Ended> next = Ended::again;
  Engine engine(config, clock, opening, [&next](cluster::Host::Restart how) {
    next = how == cluster::Host::Restart::alone ? Ended::alone : Ended::again;
    kill(getpid(), SIGUSR1);
  });
  wire::Server server(wire_settings(config), services_of(engine, mappings, clock));
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
  const int signal = wait_for_signal(engine);
  if (signal == SIGUSR1) {
    env::log_info("node.again", "beginning again");
  } else {
    env::log_info("node.stopping", std::string("stopping: ") + (signal == SIGINT ? "SIGINT" : "SIGTERM"));
    next = Ended::stopped;
    engine.hand_over();
  }
  server.stop(5);
  engine.stop();
  if (next == Ended::stopped) env::log_info("node.stopped", "stopped");
  return next;
}

}  // namespace

int serve(const Config& config) {
  sigset_t set = end_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  set_up_logging(config);
  std::set_terminate(end_process);

  if (config.read_only) return serve_past(config, wire_settings(config));
  Mappings mappings = read_mappings(config);
  std::vector<std::string> listens{config.http_listen, config.tcp_listen};
  if (is_clustered(config)) listens.push_back(config.cluster_listen);
  wire::check_addresses(listens);
  Config bound = config;
  Engine::Opening opening;
  for (;;) {
    try {
      const Ended ended = run(bound, mappings, opening);
      if (ended == Ended::stopped) return 0;
      opening = {.alone = ended == Ended::alone};
    } catch (const store::Damaged& error) {
      if (opening.without_state) throw;
      env::log_warning("state.damaged", error.what());
      opening.without_state = true;
    }
  }
}

void check(const Config& config) {
  try {
    configured_ruleset(config);
    read_mappings(config);
  } catch (const std::exception& error) {
    throw InvalidConfig(error.what());
  }
}

void reject_argument(const std::string& argument) {
  std::vector<std::string> known{"--config", "--check-config", "--help", "--version"};
  for (const KeyHelp& key : config_keys()) known.push_back("--" + flag_of(key.name));
  throw InvalidConfig("unknown argument '" + argument + "'; did you mean '" +
                      query::nearest(argument, known) + "'?");
}

}  // namespace lode::node
