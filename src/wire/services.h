// What the sockets serve: the parts of the engine a session may call, and the limits it keeps. Made by node/
// once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "admin/tasks.h"
#include "admin/view_catalogue.h"
#include "env/clock.h"
#include "event/event.h"
#include "event/mapping.h"
#include "ingest/ingest.h"
#include "materialize/applied.h"
#include "query/explain.h"
#include "query/gold_query.h"
#include "query/log_query.h"
#include "query/silver_query.h"
#include "silver/rule.h"
#include "wire/cluster_services.h"

namespace lode::wire {

struct Settings {
  std::string http_listen = "127.0.0.1:7070";
  std::string tcp_listen = "127.0.0.1:7071";
  uint32_t threads = 2;
  uint32_t max_connections = 4096;
  uint32_t header_bytes = 16 * 1024;
  uint32_t idle_seconds = 75;
  uint32_t request_seconds = 30;         // to read one request, and to write its answer
  uint64_t answer_bytes = 256ull << 20;  // of large answers that their readers haven't taken yet
  event::Limits limits;
};

// What became of the log's beginning.
struct TruncatedLog {
  uint64_t first_entry = 0;   // that is left
  uint64_t first_offset = 0;  // that is left; the next one to come, when none is
  uint64_t dropped_entries = 0;
  std::string held_by;  // why it is not all that was asked for; ""
};

// Of a reload of the configuration: 200 with JSON, else a problem.
struct ReloadAnswer {
  int status = 200;
  std::string json;
  event::Problem problem;
};

// All of it may be called from any thread.
struct Services {
  ingest::Ingest& ingest;
  materialize::Applied& applied;
  // Of the generation that serves now, which lives as long as what is given: take it anew for every read.
  std::function<std::shared_ptr<const query::GoldSource>()> gold;
  std::function<std::shared_ptr<const query::SilverSource>()> silver;
  std::function<std::shared_ptr<const query::LogSource>()> log;
  std::function<std::shared_ptr<const query::ExplainSource>()> explain;
  // Which rule would refuse the event (contact part and retry_of included) if it were applied now; nothing
  // is. Any thread.
  std::function<std::optional<silver::Rule>(const event::Event& event, std::span<const event::Line> lines)>
      rehearse;
  const env::Clock& clock;
  // Of what makes rows of records now, but for the views, whose versions stand beside it in an ETag.
  std::function<uint64_t()> rules_hash;
  // For text/csv; null: unknown.
  std::function<std::shared_ptr<const event::Mapping>(std::string_view name)> mapping;
  std::function<std::string()> status_json;  // GET /v1/status
  std::function<std::string()>
      metrics_text;                        // GET /metrics: everything but the sessions' own, Prometheus text
  std::function<std::string()> not_ready;  // "" when ready, else the reason (GET /readyz)
  std::function<std::string()> not_readable;  // "" when what is applied may be read, else the reason
  // Once it is ready: drops the entries all of whose records have an offset below `before`, as far as may be.
  // A dry run says what would go. `done` runs once, on any thread.
  std::function<void(uint64_t before, bool dry_run, std::function<void(TruncatedLog)> done)> truncate_log;
  ClusterServices cluster = {};
  // What serves, what is built, how far; empty: what serves is all there is.
  std::function<admin::ViewCatalogue()> views = {};
  // POST /v1/admin/views/{action}, wherever it is decided. `done` is called once, on any thread.
  std::function<void(const std::string& action, const std::string& body,
                     std::function<void(ClusterAnswer)> done)>
      change_views = {};
  // Rows of the past without a log: nothing is taken in, and `log` answers nothing.
  bool read_only = false;
  admin::Tasks* tasks = nullptr;  // what takes long; null: this program runs none
  // Reads the configuration again; a dry run says what would come of it. Null: this program has none.
  std::function<ReloadAnswer(bool dry_run)> reload = nullptr;
};

}  // namespace lode::wire
