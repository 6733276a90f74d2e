// One node's engine without sockets: the log, the state made of it, admission, and the reads' sources, wired
// together. Wiring lives here and nowhere else.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/tasks.h"
#include "admin/view_catalogue.h"
#include "cluster/host.h"
#include "env/clock.h"
#include "ingest/ingest.h"
#include "materialize/succession.h"
#include "node/config.h"
#include "node/log_retention.h"
#include "node/sources.h"

namespace lode::cluster {
class Cluster;
}

namespace lode::node {

class Engine {
 public:
  struct Opening {
    bool without_state = false;  // the state that lies there is removed, and made anew from the log
    bool alone = false;          // this node becomes the only member of its group: unsafe-recover
  };
  // Opens the data folder, makes it when it is not there. `on_restart` is called when the engine is to be
  // made anew, on any thread. Throws InvalidConfig, std::runtime_error with a sentence.
  Engine(const Config& config, const env::Clock& clock, const Opening& opening,
         std::function<void(cluster::Host::Restart)> on_restart);
  Engine(const Config& config, const env::Clock& clock);  // of a node that is not made anew
  // Answers what was taken, then brings the state onto the disk.
  ~Engine();

  // Applies what the log holds beyond the state's checkpoint, brings in the files' ruleset where it differs
  // and nobody else has a say, then opens admission. `stopping` ends it early. Blocks; any one thread, once.
  // Throws store::Damaged when the state can't be read; record::Corruption, std::runtime_error when the log
  // can't.
  void recover(const std::atomic<bool>& stopping);
  // Takes what can change of the configuration while it runs: bounds of what waits, retention, certificates.
  // Any thread; keeps everything where it throws: std::runtime_error with a sentence.
  void change(const Config& config);
  // Before the end: begins to bring the state onto the disk, so that less is left to do. Waits for no disk.
  void begin_checkpoint();
  // Before stop(): when this node leads a cluster, another one leads when it returns, or a second is over.
  void hand_over();
  void stop();
  // Where clients reach this node.
  void set_client_addresses(const std::string& http, const std::string& tcp);

  std::string not_ready() const;     // "" when ready, else why not and how far
  std::string not_readable() const;  // "" when what is applied may be read, else why not
  // Not ready for want of what others do.
  bool waits_for_others() const;
  std::string status_json() const;
  std::string generations_json() const;  // what lies beside the one that serves

  std::string schedules_json() const;                              // what is done by itself, and when
  std::vector<std::pair<std::string, int64_t>> next_runs() const;  // of these, in microseconds

  cluster::Cluster* cluster();  // null: it has no cluster.listen
  const cluster::Cluster* cluster() const;
  ingest::Ingest& ingest();
  const ingest::Ingest& ingest() const;
  materialize::Applied& applied();
  admin::Tasks& tasks();
  const admin::Tasks& tasks() const;
  // Of the generation that serves now. Any thread; take them anew for every read.
  std::shared_ptr<const materialize::Generation> generation() const;
  std::shared_ptr<const Sources> sources() const;
  // What the log's controls have said, and what is being built because of them.
  materialize::ControlState controls() const;
  std::optional<materialize::BuildStatus> build() const;
  // What serves, what is built, how far.
  admin::ViewCatalogue views() const;
  // On the leader, wherever it is. `action`, `body`: of POST /v1/admin/views/{action}. `done` runs once, on
  // any thread.
  void change_views(const std::string& action, const std::string& body,
                    std::function<void(cluster::CommandAnswer)> done);

  // Once it is ready. Drops the entries all of whose records come before `before`, as far as may be. `done`
  // runs once, on any thread.
  void truncate_log(record::Offset before, bool dry_run, std::function<void(Truncation)> done);

  // For status and metrics.
  LogRetention::Rules retention_rules() const;
  std::string retention_held_by() const;
  const log::Log& log() const;
  record::EntryIndex committed_entry() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::node
