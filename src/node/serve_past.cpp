#include "node/serve_past.h"

#include <fmt/format.h>

#include <shared_mutex>

#include "admin/past.h"
#include "env/log.h"
#include "event/time.h"
#include "log/memory_log.h"
#include "materialize/current.h"
#include "node/limits.h"
#include "node/sources.h"
#include "node/version.h"
#include "wire/json_text.h"
#include "wire/server.h"

namespace lode::node {

namespace {

// What reads of a past state need of an engine.
class PastEngine {
 public:
  explicit PastEngine(const std::string& folder)
      : past_(folder),
        current_(past_.generation(), applied_),
        ingest_({}, log_, current_, past_.hasher(), clock_, folder),
        sources_(std::make_shared<const Sources>(past_.generation(), log_)),
        folder_(folder) {}

  wire::Services services();
  const admin::PastMark& mark() const { return past_.mark(); }

 private:
  std::string status_json() const;
  std::string metrics_text() const;
  template <typename Source>
  std::function<std::shared_ptr<const Source>()> part(const Source Sources::*member) const {
    return [sources = sources_, member] {
      return std::shared_ptr<const Source>(sources, &(sources.get()->*member));
    };
  }

  admin::Past past_;
  env::SystemClock clock_;
  log::MemoryLog log_;  // stays empty
  materialize::Applied applied_;
  materialize::Current current_;
  ingest::Ingest ingest_;  // is never opened
  const std::shared_ptr<const Sources> sources_;
  const std::string folder_;
};

wire::Services PastEngine::services() {
  return {.ingest = ingest_,
          .applied = applied_,
          .gold = part(&Sources::gold),
          .silver = part(&Sources::silver),
          .log = part(&Sources::log),
          .explain = part(&Sources::explain),
          .rehearse = nullptr,
          .clock = clock_,
          .rules_hash = [this] { return past_.generation()->rules_hash(); },
          .mapping = [](std::string_view) { return nullptr; },
          .status_json = [this] { return status_json(); },
          .metrics_text = [this] { return metrics_text(); },
          .not_ready = [] { return std::string(); },
          .not_readable = [] { return std::string(); },
          .truncate_log =
              [](uint64_t, bool, auto done) {
                done({0, 0, 0, "a state of the past has no log"});
              },
          .read_only = true};
}

std::string PastEngine::status_json() const {
  const auto& generation = *past_.generation();
  std::shared_lock lock(generation.state().mutex());
  const materialize::StateHash hash = generation.materializer().state_hash();
  lock.unlock();
  return fmt::format(
      R"({{"version":"{}","ready":true,"reason":"","read_only":true,"data_dir":{},)"
      R"("applied":{{"offset":{},"as_of_time":{}}},"made_at":"{}","state":{{"disk_bytes":{}}},"ruleset":"{:016x}",)"
      R"("state_hash":{{"offset":{},"hash":"{}"}}}})",
      kVersion, wire::json_string(folder_), mark().offset,
      mark().offset < 0 ? "null" : '"' + event::format_rfc3339({mark().record_micros}) + '"',
      event::format_rfc3339({mark().made_micros}), generation.state().disk_bytes(), generation.ruleset_hash(),
      hash.offset, hash.digests.all().hex());
}

std::string PastEngine::metrics_text() const {
  return fmt::format(
      "# HELP lode_ready 1 when reads are served.\n# TYPE lode_ready gauge\nlode_ready 1\n"
      "# HELP lode_applied_offset The last record in the state.\n# TYPE lode_applied_offset gauge\n"
      "lode_applied_offset {}\n",
      mark().offset);
}

}  // namespace

void serve_past(Process& process) {
  const Config config = process.reload.config();
  PastEngine engine(config.data_dir);
  wire::Services services = engine.services();
  services.reload = process.reload_service();
  wire::Server server(wire_settings(config), std::move(services));
  server.start();
  env::log_info(
      "node.serving",
      fmt::format("loded {} serves {}, the state at offset {}, for reading on http://{} and tcp {}", kVersion,
                  config.data_dir, engine.mark().offset, server.http_address(), server.tcp_address()));
  env::log_info("node.ready", "ready");
  {
    const Vigil::Watching watching(
        process.vigil,
        {.not_ready = [] { return std::string(); },
         .waits_for_others = [] { return false; },
         .at_work = [&engine] { return fmt::format("serving the state at offset {}", engine.mark().offset); },
         .apply = [] { return Vigil::Subject::Work{}; },
         .loops_answer = [&server](std::chrono::milliseconds within) { return server.is_alive(within); }});
    const Reload::Taking taking(process.reload, [&](const Config& next, bool dry_run) {
      if (dry_run) return;
      server.change(wire_settings(next));
      set_up_logging(next);
    });
    process.serve();
  }
  server.stop(kGrace);
}

}  // namespace lode::node
