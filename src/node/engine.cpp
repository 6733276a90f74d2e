#include "node/engine.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <shared_mutex>
#include <thread>

#include "cluster/cluster.h"
#include "cluster/identity.h"
#include "env/log.h"
#include "log/rocksdb_log.h"
#include "materialize/log_gap.h"
#include "node/admin_tasks.h"
#include "node/cluster_config.h"
#include "node/cluster_host.h"
#include "node/data_folder.h"
#include "node/engine_settings.h"
#include "node/files_ruleset.h"
#include "node/group_of_one.h"
#include "node/limits.h"
#include "node/retention_node.h"
#include "node/rule_changes.h"
#include "node/ruleset.h"
#include "node/state_folders.h"
#include "node/status.h"
#include "node/upkeep.h"
#include "node/view_commands.h"
#include "raft/recovery.h"
#include "raft/replica.h"
#include "store/bytes.h"

namespace lode::node {

namespace {
constexpr record::GroupId kGroup{0};

}  // namespace

struct Engine::Impl {
  Impl(const Config& chosen, const env::Clock& clock, bool without_state, ClusterHost::OnRestart on_restart)
      : config(chosen),
        configured(configured_ruleset(config)),
        log(open_log(config)),
        files(*log, configured),
        hasher(hasher_of(*log)),
        folders(config.data_dir, hasher, *log, kGroup,
                {static_cast<uint32_t>(config.epoch_events), config.epoch_bytes}),
        succession({*log, kGroup, hasher, folders, [this] { return is_only_member(*log, kGroup); },
                    [](const std::string& sentence) { env::log_info("build.told", sentence); }},
                   files.wanted(), applied, without_state),
        ingest(ingest_settings(config), *log, succession.current(), hasher, clock, config.data_dir),
        host(*log, succession, folders, std::move(on_restart)),
        cluster(is_clustered(config)
                    ? std::make_unique<cluster::Cluster>(cluster_settings(config), host, *log, clock)
                    : nullptr),
        replica(replica_settings(config), *log, kGroup, network(),
                cluster ? cluster->listener(ingest.listener()) : ingest.listener()),
        rules(succession, replica, *log, kGroup,
              [this](uint64_t level) { ingest.set_origin(cluster && level >= 2 ? config.cluster_id : 0); }),
        views(rules, succession, *log, kGroup),
        retention({config.retention_bytes, config.retention_seconds},
                  retention_node({*log,
                                  kGroup,
                                  clock,
                                  succession.current(),
                                  replica,
                                  cluster.get(),
                                  {*log, kGroup, hasher, folders, succession, clock}})),
        admin({config, clock, *log, kGroup, hasher, folders, succession, replica, cluster.get(), ingest,
               [this] { return std::make_shared<const Sources>(current(), *log); },
               [this](const std::string& why) {
                 folders.mark_damaged(succession.controls().active.folder, why);
                 host.restart(cluster::Host::Restart::again);
               }}),
        upkeep(upkeep_jobs(config, *log, clock), admin.tasks(), succession.compactions(), *log, clock) {
    host.attach(rules, views);
  }

  raft::Network& network() {
    if (cluster) return *cluster;
    return no_peers;
  }
  std::shared_ptr<materialize::Generation> current() const { return succession.current().get(); }
  uint64_t applied_entry() const { return current()->materializer().applied_entry().value; }
  // Whether it is for the cluster to say why the node is not ready.
  bool cluster_answers() const {
    return cluster && (ready || cluster->is_waiting() || cluster->is_fetching());
  }
  void refuse_shorter_log() const;
  void recover_alone(const std::atomic<bool>& stopping);
  void recover_member(const std::atomic<bool>& stopping);
  void bring_in_configured(const std::atomic<bool>& stopping);

  const Config config;
  const materialize::Ruleset configured;
  std::unique_ptr<log::RocksDbLog> log;
  FilesRuleset files;
  store::Hasher hasher;
  StateFolders folders;
  materialize::Applied applied;
  materialize::Succession succession;
  ingest::Ingest ingest;
  NoPeers no_peers;
  ClusterHost host;
  std::unique_ptr<cluster::Cluster> cluster;  // null: no cluster.listen
  raft::Replica replica;
  RuleChanges rules;
  ViewCommands views;
  LogRetention retention;
  AdminTasks admin;
  Upkeep upkeep;

  std::atomic<bool> changing_rules = false;  // before it is ready
  std::atomic<bool> ready = false;
  std::atomic<bool> stopped = false;
};

Engine::Engine(const Config& config, const env::Clock& clock, const Opening& opening,
               std::function<void(cluster::Host::Restart)> on_restart) {
  impl_ = std::make_unique<Impl>(config, clock, opening.without_state, on_restart);
  if (!opening.alone) return;
  // What a leader told before its own disk had it may be in the state, and not in the log.
  if (impl_->applied_entry() > impl_->log->last_index(kGroup).value) {
    materialize::require_replayable(*impl_->log, kGroup, {0}, "the state is ahead of the log");
    impl_ = nullptr;
    impl_ = std::make_unique<Impl>(config, clock, true, on_restart);
  }
  impl_->succession.forget_lost();
  raft::force_alone(*impl_->log, kGroup, self_of(config));
}

Engine::Engine(const Config& config, const env::Clock& clock)
    : Engine(config, clock, Opening{}, [](cluster::Host::Restart) {}) {}

Engine::~Engine() { stop(); }

void Engine::recover(const std::atomic<bool>& stopping) {
  Impl& engine = *impl_;
  if (engine.cluster && has_peers(engine.config) && engine.cluster->is_waiting())
    return engine.cluster->start_waiting();
  if (!engine.cluster || engine.cluster->is_new()) {
    engine.refuse_shorter_log();
    begin_group(*engine.log, kGroup, self_of(engine.config));
  }
  raft::claim(*engine.log, kGroup, {engine.config.cluster_id});
  engine.succession.keep();
  if (engine.cluster)
    engine.recover_member(stopping);
  else
    engine.recover_alone(stopping);
}

void Engine::Impl::refuse_shorter_log() const {
  const uint64_t made_of = applied_entry(), last = log->last_index(kGroup).value;
  if (made_of > last)
    throw std::runtime_error("the log ends at entry " + std::to_string(last) +
                             ", but the state was made of entries up to " + std::to_string(made_of) +
                             ": the log is damaged, or one of the two is of another data folder");
}

void Engine::Impl::recover_alone(const std::atomic<bool>& stopping) {
  if (cluster::Identity(*log).members().size() > 1)
    throw std::runtime_error("this data folder is that of a member of a cluster: set cluster.listen");
  const uint64_t from = applied_entry(), to = log->last_index(kGroup).value;
  if (from < to)
    env::log_info("replay.begun", fmt::format("replaying log entries {} to {}", from + 1, to),
                  {{"from_entry", from + 1}, {"to_entry", to}});
  succession.replay([&](record::EntryIndex) { return !stopping; });
  if (stopping) return;
  if (applied_entry() != to)
    throw std::runtime_error("the log ends at entry " + std::to_string(to) + ", but replay ended at entry " +
                             std::to_string(applied_entry()));
  replica.start({to});
  if (replica.status().state != raft::State::leader)
    throw std::logic_error("the only voter of a group is not its leader");
  bring_in_configured(stopping);
  if (stopping) return;
  rules.start();
  ingest.open(replica);
  retention.start();
  ready = true;
  admin.begin();
  upkeep.start();
}

// What is committed beyond the floor the group tells; up to there it is known to be.
void Engine::Impl::recover_member(const std::atomic<bool>& stopping) {
  cluster->keep_identity();
  const uint64_t floor = raft::floor_of(*log, kGroup).value;
  if (const auto gap = materialize::gap_behind(*log, kGroup, {applied_entry()});
      gap && applied_entry() < floor && !is_only_member(*log, kGroup)) {
    env::log_warning("state.behind_log",
                     fmt::format("the state is at entry {}, and the log begins behind entry {}",
                                 applied_entry(), gap->last.value),
                     {{"entry", applied_entry()}, {"log_behind_entry", gap->last.value}});
    return cluster->start_fetching({floor});
  }
  if (applied_entry() < floor) {
    env::log_info("replay.begun", fmt::format("replaying log entries {} to {}", applied_entry() + 1, floor),
                  {{"from_entry", applied_entry() + 1}, {"to_entry", floor}});
    succession.replay([&](record::EntryIndex index) { return index.value < floor && !stopping; });
    if (stopping) return;
  }
  replica.start({applied_entry()});
  rules.look();
  ingest.open(replica, cluster.get());
  cluster->start(replica, ingest);
  bring_in_configured(stopping);
  if (stopping) return;
  rules.start();
  retention.start();
  ready = true;
  admin.begin();
  upkeep.start();
}

// What the files say otherwise than before: a lone node changes the ruleset by itself, through the log.
void Engine::Impl::bring_in_configured(const std::atomic<bool>& stopping) {
  constexpr std::chrono::milliseconds kLook{10};
  const std::string wanted = files.wanted().encode();
  auto differs = [&] { return files.have_a_say() && succession.controls().active.text != wanted; };
  const bool had_others = cluster && cluster::Identity(*log).members().size() > 1;  // and went on alone
  if (had_others || replica.status().configuration.servers.size() != 1 || succession.controls().level < 2) {
    if (differs() || !files.by_command().empty())
      env::log_warning(
          "ruleset.of_files_ignored",
          "the ruleset of the configuration files is not the one that is in the log, and has no effect: "
          "`lodectl views apply` and `lodectl ruleset apply` change that");
    return files.settle();
  }
  while (!stopping && applied_entry() < replica.status().commit.value) std::this_thread::sleep_for(kLook);
  if (stopping) return;
  if (const std::string kept = files.by_command(); !kept.empty())
    env::log_info("ruleset.by_command",
                  "in force as applied by command, and not as in the configuration files: " + kept);
  if (!differs()) return files.settle();
  if (succession.controls().active.hash != files.wanted().hash()) {
    materialize::require_replayable(*log, kGroup, {0}, "the ruleset changed");
    env::log_info("ruleset.changed", "the ruleset changed: silver and gold are built from the log");
    changing_rules = true;
  }
  files.announce();
  while (!stopping && differs()) {
    if (auto refusal = rules.propose_ruleset(wanted); refusal && refusal->status != 503)
      throw std::runtime_error("the ruleset can't be changed: " + refusal->problem.detail);
    succession.hurry();
    rules.look();
    const auto build = succession.build();
    if (build && !build->trouble.empty())
      throw std::runtime_error("the ruleset can't be changed: " + build->trouble);
    std::this_thread::sleep_for(kLook);
  }
  changing_rules = false;
  if (!stopping) files.settle();
}

void Engine::change(const Config& config) {
  if (impl_->cluster && !impl_->config.tls_ca.empty()) impl_->cluster->reload_tls();
  impl_->ingest.set_bounds(ingest_settings(config).bounds);
  impl_->retention.set_rules({config.retention_bytes, config.retention_seconds});
}

void Engine::begin_checkpoint() {
  if (!impl_->ready) return;
  try {
    const auto held = impl_->succession.current().hold();
    impl_->current()->materializer().end_epoch_early();
  } catch (const std::exception& error) {  // nothing is written any more: the end says the rest
    env::log_warning("state.not_written", error.what(), {{"trouble", error.what()}});
  }
}

void Engine::hand_over() {
  if (impl_->cluster && impl_->ready) impl_->cluster->hand_over(std::chrono::seconds{1});
}

void Engine::stop() {
  if (impl_->stopped.exchange(true)) return;
  impl_->upkeep.stop();
  impl_->admin.stop();
  impl_->retention.stop();
  impl_->succession.interrupt();
  impl_->rules.stop();
  impl_->ingest.stop();
  if (impl_->cluster) impl_->cluster->stop();
  impl_->succession.stop();
}

void Engine::set_client_addresses(const std::string& http, const std::string& tcp) {
  if (impl_->cluster) impl_->cluster->set_client_addresses(http, tcp);
}

std::string Engine::not_ready() const {
  if (impl_->stopped) return "stopping";
  if (impl_->cluster_answers()) return impl_->cluster->not_ready();
  if (impl_->ready) return "";
  auto progress = [](const std::string& what, uint64_t entry, uint64_t of) {
    return what + ": entry " + std::to_string(entry) + " of " + std::to_string(of);
  };
  const auto build = impl_->succession.build();
  if (build && (impl_->changing_rules || build->waited_for))
    return progress("rebuilding for a changed ruleset", build->entry.value, build->of.value) +
           (build->trouble.empty() ? "" : ", where it stopped: " + build->trouble);
  const std::string why = impl_->succession.why_rebuild();
  return progress(why.empty() ? "replaying the log" : why, impl_->applied_entry(),
                  impl_->log->last_index(kGroup).value);
}

bool Engine::waits_for_others() const {
  return !impl_->stopped && impl_->cluster_answers() && impl_->cluster->waits_for_others();
}

std::string Engine::not_readable() const {
  return impl_->cluster_answers() && !impl_->stopped ? impl_->cluster->not_readable() : not_ready();
}

std::string Engine::status_json() const {
  auto generation = impl_->current();
  NodeFacts facts;
  facts.generation = generation.get();
  facts.cluster_id = impl_->config.cluster_id;
  facts.configured_hash = impl_->configured.hash();
  facts.level = controls().level;
  facts.build = build();
  {
    std::shared_lock lock(generation->state().mutex());
    facts.dictionary_size = generation->tables().dictionary().size();
    facts.ids = generation->ids().size();
    facts.state_hash = generation->materializer().state_hash();
    for (const gold::View& view : generation->gold().views())
      facts.views.push_back({&view, generation->gold().last_change(view)});
  }
  return status_of(*this, facts);
}

std::string Engine::generations_json() const {
  return admin::bystanders_json(impl_->succession.bystanders());
}

std::string Engine::schedules_json() const {
  return node::schedules_json(impl_->upkeep, impl_->admin.tasks());
}
std::vector<std::pair<std::string, int64_t>> Engine::next_runs() const {
  std::vector<std::pair<std::string, int64_t>> out;
  for (const Upkeep::View& one : impl_->upkeep.view())
    if (one.next_micros) out.emplace_back(one.name, *one.next_micros);
  return out;
}

cluster::Cluster* Engine::cluster() { return impl_->cluster.get(); }
const cluster::Cluster* Engine::cluster() const { return impl_->cluster.get(); }
ingest::Ingest& Engine::ingest() { return impl_->ingest; }
const ingest::Ingest& Engine::ingest() const { return impl_->ingest; }
materialize::Applied& Engine::applied() { return impl_->applied; }
admin::Tasks& Engine::tasks() { return impl_->admin.tasks(); }
const admin::Tasks& Engine::tasks() const { return impl_->admin.tasks(); }
const log::Log& Engine::log() const { return *impl_->log; }

void Engine::truncate_log(record::Offset before, bool dry_run, std::function<void(Truncation)> done) {
  auto generation = impl_->current();
  std::optional<record::EntryIndex> last;
  {
    std::shared_lock lock(generation->state().mutex());
    last = generation->index().last_before(before);
  }
  impl_->retention.truncate(last.value_or(generation->materializer().applied_entry()), dry_run,
                            std::move(done));
}

LogRetention::Rules Engine::retention_rules() const { return impl_->retention.rules(); }
std::string Engine::retention_held_by() const { return impl_->retention.held_by(); }

record::EntryIndex Engine::committed_entry() const {
  if (!impl_->cluster || !impl_->ready) return impl_->log->last_index(kGroup);
  return std::max(impl_->replica.status().commit, record::EntryIndex{impl_->applied_entry()});
}

std::shared_ptr<const materialize::Generation> Engine::generation() const { return impl_->current(); }

materialize::ControlState Engine::controls() const { return impl_->succession.controls(); }
std::optional<materialize::BuildStatus> Engine::build() const { return impl_->succession.build(); }

admin::ViewCatalogue Engine::views() const { return impl_->views.catalogue(); }

void Engine::change_views(const std::string& action, const std::string& body,
                          std::function<void(cluster::CommandAnswer)> done) {
  if (cluster()) return cluster()->command({"views/" + action, 0, "", body}, std::move(done));
  if (impl_->ready) return done(impl_->views.execute(action, body, {}));
  done(cluster::refuse(503, "not_ready", "The state is not complete yet: ask again in a moment."));
}

std::shared_ptr<const Sources> Engine::sources() const {
  return std::make_shared<const Sources>(impl_->current(), *impl_->log);
}

}  // namespace lode::node
